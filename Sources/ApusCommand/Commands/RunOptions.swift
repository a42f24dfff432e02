import ApusReporting
import ArgumentParser

/// What commands that train have in common.
struct RunOptions: ParsableArguments {
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Changes a key of the configuration; may be repeated.", valueName: "table.key=value"))
    var overrides: [String] = []

    @Flag(help: "Prints the results as JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Shows warnings and errors only.")
    var quiet = false

    /// A log of as much as is wanted.
    var log: Log { Log(minimum: quiet ? .warning : .info) }
}
