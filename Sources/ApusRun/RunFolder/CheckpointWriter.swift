import ApusReporting
import ApusSystem
import ApusTraining

/// Writes the checkpoints of a run whenever they are due.
final class CheckpointWriter {
    private let run: TrainingRun
    private let identity: Checkpoint.Identity
    private var saved = monotonicSeconds()
    /// Whether there is a checkpoint of this run: what ends it before its first interval shall not cost all of it.
    private var isSavedOnce: Bool

    init(_ run: TrainingRun, identity: Checkpoint.Identity, isSavedOnce: Bool) {
        (self.run, self.identity, self.isSavedOnce) = (run, identity, isSavedOnce)
    }

    /// Whether the interval has passed, or the first epoch; the next interval begins if so.
    func isDue(after event: TrainingEvent) -> Bool {
        var isDue = monotonicSeconds() - saved >= run.configuration.runtime.checkpointInterval / .seconds(1)
        if case .epochEnded = event, !isSavedOnce { isDue = true }
        if isDue { (saved, isSavedOnce) = (monotonicSeconds(), true) }
        return isDue
    }

    /// Writes the state of training.
    ///
    /// - Throws: `ApusError` of kind `io`.
    package func write(_ trainer: Trainer) throws {
        let start = monotonicSeconds()
        let runtime = run.configuration.runtime
        try run.folder.checkpoints.write(
            Checkpoint(trainer.state, precision: run.device.precision, identity: identity),
            keeping: runtime.checkpointsKept, everyEpochs: runtime.checkpointEpochs)
        let milliseconds = numberText(1e3 * (monotonicSeconds() - start), significantDigits: 3)
        run.log.detail("checkpoint after \(trainer.progress.steps) steps in \(milliseconds) ms")
    }
}
