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

    @Flag(name: .shortAndLong, help: "Also tells of every checkpoint, better model and change of the learning rate.")
    var verbose = false

    /// A log of as much as is wanted.
    var log: Log { Log(minimum: quiet ? .warning : verbose ? .detail : .info) }

    /// Prints the final errors, which the run folder has too.
    func printResults(_ table: MetricsTable, folder: String) {
        let text = json ? table.json.description : table.text
        StandardStreams.printCopy(text, of: "\(folder)/metrics.json", log)
    }

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other; leave out one.") }
    }
}
