import ApusFiles
import ApusReporting
import ApusTraining

/// The checkpoints of a run, in the folder `checkpoints` of the run folder.
///
/// `step-00001200.checkpoint` is the state after so many steps; the newest few are kept. `epoch-0020.checkpoint` is that
/// after an epoch, kept for good where the configuration asks for it.
struct CheckpointFolder {
    private let path: String
    private let run: String
    private static let suffix = ".checkpoint"

    /// The checkpoints of a run folder.
    init(run: String) { (self.run, path) = (run, run + "/checkpoints") }

    /// Starts a new run.
    func create() throws { try createFolder(path) }

    /// Writes a checkpoint, then removes the oldest beyond those that are kept.
    package func write(_ checkpoint: Checkpoint, keeping kept: Int, everyEpochs: Int?) throws {
        let progress = checkpoint.state.progress
        try checkpoint.write(to: "\(path)/step-\(padded(progress.steps, 8))\(Self.suffix)")
        if let everyEpochs, progress.batches == 0, progress.epoch > 1, (progress.epoch - 1) % everyEpochs == 0 {
            try checkpoint.write(to: "\(path)/epoch-\(padded(progress.epoch - 1, 4))\(Self.suffix)")
        }
        for name in try names().filter({ $0.hasPrefix("step-") }).dropLast(kept) { try removeFile(path + "/" + name) }
    }

    /// The newest checkpoint that is whole; a damaged one is reported and passed over.
    ///
    /// - Throws: `ApusError` when there is none.
    package func newest(_ log: RunLog) throws -> Checkpoint {
        guard isFolder(path) else { throw missing }
        try removeTemporaryFiles(in: path)
        let names = try names()
        let order = [names.filter { $0.hasPrefix("step-") }, names.filter { $0.hasPrefix("epoch-") }]
            .flatMap { $0.reversed() }
        var errors: [ApusError] = []
        for name in order {
            do {
                let checkpoint = try Checkpoint.read(path + "/" + name)
                for error in errors { log.warning(error.description) }
                return checkpoint
            } catch let error as ApusError {
                errors.append(error)
            }
        }
        throw errors.first ?? missing
    }

    private var missing: ApusError {
        ApusError(
            .missingInput, file: path, problem: "there is no checkpoint to go on from",
            remedy: fileExists(run + "/config.toml")
                ? "the run ended within its first epoch; begin it again with 'apus train CONFIG --overwrite', where CONFIG is "
                    + "the configuration that it began with"
                : "name the folder of a run, which 'apus train' has made")
    }

    private func names() throws -> [String] { try namesInFolder(path).filter { $0.hasSuffix(Self.suffix) } }

    private func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
