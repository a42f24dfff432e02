import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a configuration that fits your data.",
        discussion: """
            Reads the data and chooses what depends on them: the units and keys that you state here, the loss by the \
            labels that are there, the division, batch size and epochs by the number and size of the systems, and what \
            the network has to know where charges or multiplicities differ. Comments tell what was found and which keys \
            are changed most. 'apus train FILE --dry-run' then tells what training takes.
            """)

    @Argument(help: "Data in any format that can be read.", completion: .file())
    var data: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("File to write; standard output unless given, or with -.", valueName: "file.toml"),
        completion: .file(extensions: ["toml"]))
    var output: String?

    @Option(help: "painn or schnet.")
    var potential = PotentialName(PaiNN.self)

    @Flag(help: "Replaces a configuration that is there.")
    var overwrite = false

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var messages: MessageOptions

    func run() throws {
        try reportingErrors {
            let option = OutputOption("a configuration", endings: [".toml"], isStream: true)
            let target = try option.targetSparingRuns(output ?? "-", inputs: [data])
            if case .file(let path) = target, fileExists(path), !overwrite {
                throw ApusError(
                    .usage, file: path, problem: "the file is there, perhaps with changes of yours",
                    remedy: "name another, or replace it with --overwrite")
            }
            var options = dataOptions.readingOptions(into: .electronvoltAngstrom)
            options.marksMissingLabels = true
            // What the configuration will train on must fit here as it must then.
            options.needed.insert(.stress)
            let dataset = try Dataset.read(path: data, options: options)
            var start = RunConfiguration()
            start.potential.network = ConfiguredType(potential.type)
            start.dataset.file = InputPath(text: try path(seenFrom: target), folder: "")
            start.dataset.sourceUnits = options.sourceUnits
            start.dataset.assignment = options.assignment
            start.dataset.forcesAreGradients = options.forcesAreGradients
            start.dataset.stressesAreOpposite = options.stressesAreOpposite
            start.dataset.momentOrigin = dataOptions.multipoleOrigin
            let draft = try ConfigurationDraft(start, for: dataset)
            let log = messages.log
            for warning in draft.warnings { log.warning("\(data): \(warning)") }
            if let note = draft.maskNote { log.info("\(data): \(note)") }
            FindingLog(RunLog(messages.observer)).report(
                try dataset.findings(about: draft.compared).map { $0.located(file: data) })
            try target.write(Array(draft.toml.utf8))
            if case .file(let path) = target {
                log.info("\(path): \(draft.summary); try it with 'apus train \(shellWord(path)) --dry-run'")
            }
        }
    }

    /// The path of the data as the configuration must say it.
    private func path(seenFrom target: OutputTarget) throws -> String {
        var path = data
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard case .file(let output) = target, !path.hasPrefix("/") else { return path }
        return try relativePath(of: path, from: output.lastIndex(of: "/").map { String(output[...$0]) } ?? "")
    }
}
