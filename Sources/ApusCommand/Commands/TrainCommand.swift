import ApusFiles
import ApusReporting
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
            """)

    @Argument(help: "Configuration in TOML, with the tables potential, dataset, training and runtime.")
    var config: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Changes a key of the configuration; may be repeated.", valueName: "table.key=value"))
    var overrides: [String] = []

    @Flag(help: "Prints all keys of the configuration with defaults and meaning.")
    var helpConfig = false

    @Flag(help: "With --help-config: prints a table in Markdown.")
    var markdown = false

    @Flag(help: "Prints the final errors as JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Shows warnings and errors only.")
    var quiet = false

    func validate() throws {
        if config == nil && !helpConfig {
            throw ValidationError("Name a configuration file, or see the keys with --help-config.")
        }
    }

    func run() throws {
        guard let config, !helpConfig else {
            print(markdown ? ConfigurationKey.markdownTable : ConfigurationKey.helpText)
            return
        }
        try reportingErrors {
            let (configuration, notices) = try RunConfiguration.read(path: config, overrides: overrides)
            let log = Log(minimum: quiet ? .warning : .info)
            for notice in notices { log.info(notice) }
            let run = try prepare(configuration, from: config, log)
            let table = try run.train()
            print(json ? table.json.description : table.text)
        }
    }

    /// Some rules of a configuration only show once the data are known.
    private func prepare(_ configuration: RunConfiguration, from file: String, _ log: Log) throws -> TrainingRun {
        do {
            return try TrainingRun(configuration, log: log, isQuiet: quiet)
        } catch let error as ApusError where error.kind == .configuration {
            throw error.located(file: file)
        }
    }
}
