import ApusDatasets
import ApusFiles
import ApusRun
import ArgumentParser

/// `apus train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a potential as a configuration file says.",
        discussion: """
            The run folder gets the resolved configuration, the model with the best validation error (model.apus), \
            metrics.csv with a line per epoch, the same as JSON objects (metrics.jsonl) and for TensorBoard \
            (events.out.tfevents.*), and metrics.json with the final errors.

            A folder that holds a run is refused; 'apus resume' goes on with it, --overwrite replaces it.

            With --dry-run nothing is written. Data and model are prepared as for training, a few steps are timed, and \
            sizes, memory, expected times and what looks wrong with the data or the cutoff are printed.
            """)

    @Argument(
        help: "Configuration in TOML, with the tables potential, dataset, training and runtime.",
        completion: .file(extensions: ["toml"]))
    var config: String?

    @OptionGroup var options: RunOptions

    @Flag(help: "Prints all keys of the configuration with defaults and meaning.")
    var helpConfig = false

    @Flag(help: "With --help-config: prints a table in Markdown.")
    var markdown = false

    @Flag(help: "Writes nothing; prints what training would cost, and warnings about data and cutoff.")
    var dryRun = false

    @Flag(help: "Replaces an earlier run in the run folder: all its files are removed.")
    var overwrite = false

    func validate() throws {
        if config == nil && !helpConfig {
            throw ValidationError("Name a configuration file, or see the keys with --help-config.")
        }
    }

    func run() throws {
        guard let config, !helpConfig else {
            printResult(markdown ? ConfigurationKey.markdownTable : RunConfiguration.help())
            return
        }
        try reportingErrors {
            if Dataset.isData(config) {
                throw ApusError(
                    .usage, file: config, problem: "these are data, not a configuration",
                    remedy: "write a configuration for them with 'apus init \(shellWord(config)) -o new.toml'")
            }
            let observer = options.observer
            let configuration = try RunConfiguration(file: config, overrides: options.overrides, observer: observer)
            try configuration.requireDistinctOutputs(from: config)
            if dryRun {
                let report = try naming(config) { try DryRun(configuration, observer: observer) }
                printResult(options.results.json ? report.json.description : report.text)
                return
            }
            Interruption.listen(.beginning)
            let run = try naming(config) {
                try TrainingRun(configuration, overwriting: overwrite, observer: observer)
            }
            try options.printResults(try run.train(isInterrupted: { Interruption.isRequested }))
        }
    }

    /// Some rules of a configuration only show once the data are known; they name its file, or the option.
    private func naming<Result>(_ file: String, _ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as ApusError {
            let named = options.named(error)
            throw named.kind == .configuration ? named.located(file: file) : named
        }
    }
}
