import ApusReporting
import ApusRun
import ArgumentParser

/// In which form a command prints its result.
struct ResultOptions: ParsableArguments {
    @Flag(help: "Prints the result as JSON.")
    var json = false
}

/// The verbosity of a command on standard error.
struct MessageOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Shows warnings and errors only.")
    var quiet = false

    /// A log of as much as is wanted.
    var log: Log { Log(minimum: quiet ? .warning : .info) }

    /// Shows messages of as much importance as is wanted.
    var observer: TerminalObserver { TerminalObserver(log, isQuiet: quiet) }
}
