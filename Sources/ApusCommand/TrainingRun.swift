import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusTraining
import ArgumentParser

/// One training run: data, model, training and the files of the run folder.
struct TrainingRun {
    let configuration: RunConfiguration
    private let log: Log
    private let isQuiet: Bool
    let instructionSet: InstructionSet
    let units: UnitSystem
    let data: RunData
    static let modelName = "model.apus"

    /// Reads and prepares the data.
    ///
    /// - Parameter isDry: Whether nothing may be written, not even imported data.
    init(_ configuration: RunConfiguration, log: Log, isQuiet: Bool, isDry: Bool = false) throws {
        self.configuration = configuration
        self.log = log
        self.isQuiet = isQuiet
        instructionSet = try InstructionSet.preferred()
        units = try UnitSystem(energy: configuration.runtime.energyUnit, length: configuration.runtime.lengthUnit)
        data = try RunData(configuration, units: units, log: log, isDry: isDry)
    }

    /// Trains, writes the run folder and returns the final errors.
    ///
    /// - Parameters:
    ///   - checkpoint: What training goes on from; nil to begin.
    ///   - learningRate: The rate to go on with, where it is not that of the checkpoint.
    /// - Throws: ``ApusError``, and the exit code of an interruption after the state was saved.
    func train(from checkpoint: Checkpoint? = nil, learningRate: Double? = nil) throws -> MetricsTable {
        let folder = configuration.runtime.outputDirectory
        let settings = configuration.trainingSettings(units: units) { $0.stepCount(data.training) }
        let model = try initialModel(settings)
        let identity = Checkpoint.Identity(
            model: "\(JSONValue.object(model.metadata.mapValues(JSONValue.string)))", data: data.digest)
        let checkpoints = CheckpointFolder(run: folder)
        if let checkpoint {
            try require(checkpoint, identity, settings)
        } else {
            try createFolder(folder)
            if fileExists(folder + "/" + Self.modelName) {
                log.warning("\(folder) holds the model of an earlier run, which is replaced")
            }
            try checkpoints.clear()
        }
        try removeTemporaryFiles(in: folder)
        let resolved = try configuration.moved(to: folder).toml
        try writeFileAtomically(path: folder + "/config.toml", bytes: Array(resolved.utf8))
        try data.split.write(to: folder + "/split")
        let trainer = try Trainer(
            model, settings, training: data.training, validation: data.validation, instructionSet: instructionSet)
        log.info(
            "\(model.architecture.name): \(model.parameters.count) parameters, \(settings.precision), "
                + "\(settings.threads) threads, \(instructionSet) kernels")
        if let checkpoint {
            trainer.restore(checkpoint.state, learningRate: learningRate)
            log.info(
                "going on in epoch \(checkpoint.state.progress.epoch) after \(checkpoint.state.progress.steps) steps")
            // The run may have gone further before it was killed.
            if let best = trainer.bestEpoch { try write(trainer.best, settings, best, to: folder) }
        }

        var report = try EpochReport(
            settings, units: units, elements: data.selfEnergies.elements, folder: folder,
            keepingEpochs: trainer.progress.epoch - 1, isQuiet: isQuiet)
        if configuration.training.logger.name == .tensorBoard {
            report.tensorBoard = try TensorBoardLog(
                folder: folder, configuration: resolved, keepingEpochs: trainer.progress.epoch - 1)
            if settings.hasErrorHistograms { report.histograms = model.declarations }
        }
        let start = monotonicSeconds()
        func save() throws {
            let start = monotonicSeconds()
            try checkpoints.write(
                Checkpoint(trainer.state, precision: settings.precision, identity: identity),
                keeping: configuration.runtime.checkpointsKept, everyEpochs: configuration.runtime.checkpointEpochs)
            report.clearProgress()
            log.detail(
                "checkpoint after \(trainer.progress.steps) steps in "
                    + "\(numberText(1e3 * (monotonicSeconds() - start), significantDigits: 3)) ms")
        }
        var saved = start
        var rate = trainer.progress.learningRate
        Interruption.listen()
        let end = try trainer.run(isInterrupted: { Interruption.isRequested }) { event in
            try report.handle(event, of: trainer)
            if case .epochBegan = event { return }
            if case .batchSkipped(let reason) = event { return log.warning(reason) }
            if case .epochEnded(let summary) = event {
                if summary.learningRate != rate {
                    log.detail("learning rate \(numberText(summary.learningRate, significantDigits: 4))")
                    rate = summary.learningRate
                }
                if summary.isBest, let best = trainer.bestEpoch {
                    try write(trainer.best, settings, best, to: folder)
                    log.detail(
                        "model of epoch \(best.epoch), the best so far with "
                            + "\(configuration.training.monitor.rawValue) \(numberText(best.metric, significantDigits: 4))"
                    )
                }
            }
            guard monotonicSeconds() - saved >= configuration.runtime.checkpointInterval / .seconds(1) else { return }
            saved = monotonicSeconds()
            do {
                try save()
            } catch let error as ApusError where error.kind == .io {
                report.clearProgress()
                log.warning("\(error) The next attempt is in \(configuration.runtime.checkpointInterval).")
            }
        }
        try save()
        guard end != .interruption else {
            log.info("\(end.rawValue) and saved; 'apus resume \(folder)' goes on")
            throw ExitCode(Interruption.exitCode)
        }
        let seconds = monotonicSeconds() - start
        log.info("\(end.rawValue) after \(numberText(seconds, significantDigits: 3)) s; results are in \(folder)")

        if let correction = trainer.bestEpoch?.correction { tell(correction) }
        let table = try finalErrors(trainer.best, settings)
        try report.writer.writeResults(
            table,
            run: [
                ReportedValue("training_time", trainer.progress.seconds, unit: "s"),
                ReportedValue("parameters", Double(model.parameters.count)),
            ])
        let epochs = trainer.progress.epoch - 1
        writeReport(to: folder) { try report.tensorBoard?.append(epoch: epochs, picturesOf: $0) }
        return table
    }

    /// Tells by how much the self-energies of the model differ from those that were taken off.
    private func tell(_ correction: [Int: Double]) {
        let values = correction.sorted { $0.key < $1.key }.map { number, energy in
            "\(Element.all[number - 1].symbol) \(numberText(energy, significantDigits: 3))"
        }
        log.info(
            "self-energies of the model fitted again to the training part, changed in \(units.energy.symbol) by "
                + values.joined(separator: ", "))
    }

    /// Writes `report.html` and calls `show` with it; without them the run is as good.
    private func writeReport(to folder: String, _ show: (RunReport) throws -> Void) {
        do {
            let writer = ReportWriter(folder: try RunFolder(folder), data: data)
            try show(try writer.write(to: .file(folder + "/report.html")))
        } catch {
            log.warning("the report is not complete: \(error)")
        }
    }

    /// Makes sure that a checkpoint is of this model on these data.
    private func require(_ checkpoint: Checkpoint, _ identity: Checkpoint.Identity, _ settings: TrainingSettings) throws
    {
        func failure(_ kind: ApusError.Kind, _ problem: String) -> ApusError {
            ApusError(
                kind, file: configuration.runtime.outputDirectory, problem: problem,
                remedy: "undo the change, or begin a new run with 'apus train'")
        }
        guard checkpoint.identity.data == identity.data else {
            throw failure(.data, "the data or their division are not those that the run began with")
        }
        guard checkpoint.identity.model == identity.model else {
            throw failure(.configuration, "the architecture is not that which the run began with")
        }
        guard Set(checkpoint.state.moments.keys) == Set(settings.optimizer.momentNames) else {
            throw failure(.configuration, "the optimiser is not that which the run began with")
        }
        guard checkpoint.precision == settings.precision else {
            throw failure(
                .configuration, "the precision is \(settings.precision), but the run began with \(checkpoint.precision)"
            )
        }
    }

    /// The model before the first step.
    func initialModel(_ settings: TrainingSettings) throws -> EnergyModel {
        let architecture = try configuration.potential.architecture(lengthUnit: units.length)
        var model = EnergyModel(
            architecture: architecture, parameters: [], units: units, selfEnergies: data.selfEnergies.values, scale: 1,
            shift: 0)
        model.featurization = configuration.potential.featurization
        model.heads = data.heads
        model.energyOffset = data.energyOffset
        model.keepsAtomicEnergies = configuration.potential.keepsAtomicEnergies
        if configuration.potential.normalizesEnergy {
            model.shift = data.statistics.perAtomMean
            model.scale = try data.statistics.scale(learnsForces: settings.loss.usesForces, in: units)
        }
        model.parameters = EnergyModel.initialParameters(
            model.declarations, seed: UInt64(configuration.potential.seed))
        return model
    }

    private func write(
        _ model: EnergyModel, _ settings: TrainingSettings, _ epoch: TrainingState.Best, to folder: String
    ) throws {
        let file = try ModelFile(
            model, precision: settings.precision, program: "apus \(ApusProgram.version)",
            provenance: [
                "dataset": .string(configuration.dataset.name),
                "dataset_file": .string(String(configuration.dataset.file.text.split(separator: "/").last ?? "")),
                "experiment": .string(configuration.runtime.experimentName),
                "epoch": .integer(epoch.epoch), "training_configurations": .integer(data.training.count),
                "validation_loss": epoch.validationLoss.map { .real($0) } ?? .null,
            ], examplesFrom: data.training.prefix(1000).map(\.system))
        try file.write(to: folder + "/" + Self.modelName)
    }

    private func finalErrors(_ model: EnergyModel, _ settings: TrainingSettings) throws -> MetricsTable {
        let evaluator = Evaluator(
            model, loss: settings.loss, properties: settings.reported, precision: settings.precision,
            threads: settings.threads, instructionSet: instructionSet)
        let parameters = Numbers(model.parameters, precision: settings.precision)
        let parts = data.parts(for: model)
        let baseline = BaselineMeans(parts[0].samples)
        var rows: [MetricsTable.Row] = []
        var means: [MetricsTable.Mean] = []
        for (part, samples) in parts where !samples.isEmpty {
            let errors = try evaluator.errors(on: samples, parameters: parameters)
            rows += errors.rows(part, units, samples, baseline: baseline)
            means += errors.means(of: settings.loss, part, units)
        }
        return MetricsTable(rows, means: means)
    }
}
