import ApusFiles
import ApusReporting
import ArgumentParser

/// `apus resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Goes on with a run that was interrupted, killed, or is to train longer.",
        discussion: """
            Training goes on from the newest whole checkpoint in the run folder, with the same bits as if it had never \
            stopped. Settings may change, such as training.number_of_epochs, training.lr or runtime.threads; data, their \
            division and the architecture may not.
            """)

    @Argument(help: ArgumentHelp("Run folder.", valueName: "run"), completion: .directory)
    var folder: String

    @OptionGroup var options: RunOptions

    /// An error about data that are not there says how to name their new place.
    private static func naming(_ error: ApusError, _ configuration: RunConfiguration, _ folder: String) -> ApusError {
        let data = configuration.dataset
        let files = [
            ("file", data.file), ("validation_file", data.validationFile), ("test_file", data.testFile),
            ("isolated_atoms_file", data.isolatedAtomsFile),
        ]
        guard error.kind == .missingInput, let key = files.first(where: { $0.1?.path == error.file })?.0 else {
            return error
        }
        return ApusError(
            .missingInput, file: error.file,
            problem: "the data of the run \(folder) are not there any more (\(error.problem))",
            remedy: "put the file back, or name its new place with 'apus resume \(shellWord(folder)) --set "
                + "dataset.\(key)=FILE', where a relative path begins in \(folder)")
    }

    func run() throws {
        try reportingErrors {
            let log = options.log
            Interruption.listen(.goingOn)
            try RunFolder.requireFolder(folder)
            let lock = try RunFiles(folder).lock(log)
            let checkpoint = try CheckpointFolder(run: folder).newest(log)
            var (configuration, _) = try RunConfiguration.read(
                path: folder + "/config.toml", overrides: options.overrides)
            configuration.runtime.outputDirectory = folder
            let setsRate = options.overrides.contains { $0.filter { !$0.isWhitespace }.hasPrefix("training.lr=") }
            do {
                let training = try TrainingRun(configuration, log: log, isQuiet: options.quiet)
                let table = try withExtendedLifetime(lock) {
                    try training.train(
                        from: checkpoint, learningRate: setsRate ? configuration.training.learningRate : nil)
                }
                options.printResults(table, folder: folder)
            } catch let error as ApusError {
                throw options.named(Self.naming(error, configuration, folder))
            }
        }
    }
}
