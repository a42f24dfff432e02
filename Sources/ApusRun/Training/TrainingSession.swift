import ApusCPU
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusSystem
import ApusTraining

/// A training that is going on: the trainer, and what is written while it trains.
final class TrainingSession {
    private let run: TrainingRun
    private let settings: TrainingSettings
    private let trainer: Trainer
    private let recorder: EpochRecorder
    private let checkpoints: CheckpointWriter
    private let best: BestModelWriter
    private let start = monotonicSeconds()
    /// The steps that were made before this start.
    private let stepsBefore: Int?
    private var learningRate: Double

    /// Whether an epoch has ended, after which there is a model.
    var hasModel: Bool { trainer.bestEpoch != nil }

    private var log: RunLog { run.log }

    /// Writes what a run begins with, prepares the model, and restores what training goes on from.
    init(_ run: TrainingRun, from start: TrainingRun.Start?) throws {
        self.run = run
        settings = run.settings
        stepsBefore = start?.checkpoint.state.progress.steps
        let model = try run.initialModel(settings)
        run.findings.report(
            model.findings(
                training: try run.data.census(of: model), loss: settings.loss,
                components: run.configuration.registry.lossComponents))
        let identity = Checkpoint.Identity(
            model: "\(JSONValue.object(model.metadata.mapValues(JSONValue.string)))", data: run.data.digest)
        try start?.checkpoint.require(identity, settings, on: run.device, run: run.folder.path)
        let resolved = try run.configuration.moved(to: run.folder.path).toml
        try run.folder.begin(
            configuration: resolved, split: run.data.split, record: Self.record(run, stepsBefore: stepsBefore),
            isNew: start == nil)
        if let warning = model.energyReference.warning { run.log.warning(warning) }
        trainer = try Trainer(
            model, settings, training: run.data.training, validation: run.data.validation, on: run.device)
        let frozen = trainer.frozenParameters
        run.log.info(
            "\(model.potential.name): \(model.parameters.count) parameters"
                + (frozen > 0 ? ", \(frozen) of them frozen, " : ", ") + "\(run.device)")
        if let start { try Self.restore(trainer, start, run.log) }
        learningRate = trainer.progress.learningRate
        best = BestModelWriter(run, isUnwritten: trainer.bestEpoch != nil)
        try best.write(trainer)
        recorder = try EpochRecorder(run, settings, model, configuration: resolved, keepingEpochs: trainer.epochsDone)
        checkpoints = CheckpointWriter(run, identity: identity, isSavedOnce: start != nil)
    }

    /// When, where and on which data the run was trained, with this start.
    private static func record(_ run: TrainingRun, stepsBefore: Int?) throws -> RunRecord {
        let earlier = try stepsBefore == nil ? nil : RunRecord(folder: run.folder.path)
        var record = earlier ?? RunRecord(dataDigest: run.data.digest)
        record.testDigest = run.data.testDigest
        record.starts.append(RunRecord.Start(steps: stepsBefore ?? 0, on: run.device))
        return record
    }

    private static func restore(_ trainer: Trainer, _ start: TrainingRun.Start, _ log: RunLog) throws {
        let state = start.checkpoint.state
        let notice = try trainer.restore(state, learningRate: start.learningRate)
        log.info("going on in epoch \(state.progress.epoch) after \(state.progress.steps) steps")
        if let notice { log.info(notice) }
    }

    // MARK: Steps

    /// Trains until an end is reached, and writes the last checkpoint and the best model.
    package func train(isInterrupted: () -> Bool) throws -> TrainingEnd {
        log.happened(.trainingBegan(epochs: settings.epochs))
        let end: TrainingEnd
        do {
            end = try trainer.run(isInterrupted: isInterrupted, handle)
        } catch let error as ApusError where error.kind == .io && trainer.progress.averaged == 0 {
            // Data that change while they are read end the run; the steps before used what was read before.
            if (try? checkpoints.write(trainer)) != nil {
                log.info("saved; \(run.wayOn(.interruption)) goes on once this is mended")
            }
            throw error
        }
        try checkpoints.write(trainer)
        try best.write(trainer)
        return end
    }

    private func handle(_ event: TrainingEvent) throws {
        log.happened(.training(event))
        switch event {
        case .epochBegan: return
        case .batchSkipped(let reason): return log.warning(reason)
        case .step: break
        case .epochEnded(let summary): try endEpoch(summary)
        }
        guard checkpoints.isDue(after: event) else { return }
        try attempt("The next attempt is in \(run.configuration.runtime.checkpointInterval).") {
            try checkpoints.write(trainer)
        }
    }

    private func endEpoch(_ summary: EpochSummary) throws {
        recorder.record(summary, of: trainer)
        if summary.learningRate != learningRate {
            learningRate = summary.learningRate
            log.detail("learning rate \(numberText(learningRate, significantDigits: 4))")
        }
        if summary.isBest { best.found(trainer) }
        try attempt("The next attempt is after the next epoch.") { try best.write(trainer) }
        // The end writes its own.
        if settings.reports(after: summary.epoch), summary.epoch < settings.epochs, hasModel {
            run.writeReport(epoch: summary.epoch)
        }
    }

    /// Does what a later moment can make good, when there is space again.
    private func attempt(_ remedy: String, _ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as ApusError where error.kind == .io {
            log.warning("\(error) \(remedy)")
        }
    }

    // MARK: Results

    /// Computes the final errors of the best model, and writes them and the report.
    func writeResults(after end: TrainingEnd) throws -> MetricsTable {
        log.happened(.trainingEnded(end))
        if trainer.progress.steps == stepsBefore {
            log.warning("\(end.rawValue) before this start, so no step was made; \(run.wayOn(end)) trains on")
        }
        let seconds = numberText(monotonicSeconds() - start, significantDigits: 3)
        log.info("\(end.rawValue) after \(seconds) s; results are in \(run.folder.path)")
        if let correction = trainer.bestEpoch?.correction { run.tell(correction) }
        let table = try run.finalErrors(trainer.best, settings)
        try recorder.writeResults(table, of: trainer)
        let epochs = trainer.epochsDone
        run.writeReport { try recorder.tensorBoard?.append(epoch: epochs, picturesOf: $0) }
        return table
    }
}

extension Trainer {
    /// The epochs that have ended.
    var epochsDone: Int { progress.epoch - 1 }
}
