import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// Keeps the model file of a run that of its best epoch.
final class BestModelWriter {
    private let run: TrainingRun
    /// Whether the best epoch is not in the model file yet.
    private var isUnwritten: Bool

    /// - Parameter isUnwritten: Whether there is a best epoch from the start; a run may have gone further before it was
    ///   killed.
    init(_ run: TrainingRun, isUnwritten: Bool) { (self.run, self.isUnwritten) = (run, isUnwritten) }

    /// Takes note that the last epoch is the best so far.
    package func found(_ trainer: Trainer) {
        guard let best = trainer.bestEpoch else { return }
        isUnwritten = true
        let monitor = run.configuration.training.monitor.name
        run.log.detail(
            "model of epoch \(best.epoch), the best so far with \(monitor) "
                + "\(numberText(best.metric, significantDigits: 4))")
    }

    /// Writes the best model unless it is there already.
    ///
    /// - Throws: `ApusError` of kind `io`.
    package func write(_ trainer: Trainer) throws {
        guard isUnwritten, let best = trainer.bestEpoch else { return }
        let dataset = run.configuration.dataset
        let file = try ModelFile(
            trainer.best, precision: run.device.precision, program: Release.program,
            provenance: [
                "dataset": .string(dataset.name),
                "dataset_file": .string(String(dataset.file.text.split(separator: "/").last ?? "")),
                "experiment": .string(run.configuration.runtime.experimentName),
                "epoch": .integer(best.epoch), "training_configurations": .integer(run.data.training.count),
                "validation_loss": best.validationLoss.map { .real($0) } ?? .null,
            ], examplesFrom: run.data.examples)
        try run.folder.write(file)
        isUnwritten = false
    }
}
