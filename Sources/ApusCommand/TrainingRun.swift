import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusSystem
import ApusTraining
import ArgumentParser

/// One training run: data, model, training and the files of the run folder.
struct TrainingRun {
    let configuration: RunConfiguration
    private let log: Log
    private let isQuiet: Bool
    let device: Device
    let units: UnitSystem
    let data: RunData
    /// What looks wrong with data or model.
    let findings: FindingLog
    static let modelName = "model.apus"

    /// Reads and prepares the data.
    ///
    /// - Parameter isDry: Whether nothing may be written, not even imported data.
    init(_ configuration: RunConfiguration, log: Log, isQuiet: Bool, isDry: Bool = false) throws {
        self.configuration = configuration
        self.log = log
        self.isQuiet = isQuiet
        device = try configuration.runtime.device
        units = try UnitSystem(energy: configuration.runtime.energyUnit, length: configuration.runtime.lengthUnit)
        findings = FindingLog(log, isHeld: isDry)
        findings.report(configuration.findings)
        data = try RunData(configuration, units: units, log: log, findings: findings, isDry: isDry)
    }

    /// Trains, writes the run folder and returns the final errors.
    ///
    /// - Parameters:
    ///   - checkpoint: What training goes on from; nil to begin.
    ///   - learningRate: The rate to go on with, where it is not that of the checkpoint.
    /// - Throws: `ApusError`, and the exit code of an interruption after the state was saved.
    func train(from checkpoint: Checkpoint? = nil, learningRate: Double? = nil) throws -> MetricsTable {
        let folder = configuration.runtime.outputDirectory
        var settings = configuration.trainingSettings(units: units) {
            $0.stepCount(data.training, limit: configuration.training.trainingLimit)
        }
        if settings.energyRefit != nil, !data.fitsSelfEnergies { settings.energyRefit = .constant }
        let model = try initialModel(settings)
        findings.report(model.findings(training: try data.census(of: model), loss: settings.loss))
        let identity = Checkpoint.Identity(
            model: "\(JSONValue.object(model.metadata.mapValues(JSONValue.string)))", data: data.digest)
        let checkpoints = CheckpointFolder(run: folder)
        if let checkpoint {
            try require(checkpoint, identity, settings)
        } else {
            try checkpoints.create()
        }
        try removeTemporaryFiles(in: folder)
        let resolved = try configuration.moved(to: folder).toml
        try writeFileAtomically(path: folder + "/config.toml", bytes: Array(resolved.utf8))
        try data.split.write(to: folder + "/split")
        var record = try checkpoint == nil ? nil : RunRecord(folder: folder)
        record = record ?? RunRecord(dataDigest: data.digest)
        record?.testDigest = data.testDigest
        record?.starts.append(
            RunRecord.Start(steps: checkpoint?.state.progress.steps ?? 0, on: device))
        try record?.write(to: folder)
        if let warning = model.energyReference.warning { log.warning(warning) }
        let trainer = try Trainer(
            model, settings, training: data.training, validation: data.validation, on: device)
        log.info("\(model.potential.name): \(model.parameters.count) parameters, \(device)")
        if let checkpoint {
            let notice = try trainer.restore(checkpoint.state, learningRate: learningRate)
            log.info(
                "going on in epoch \(checkpoint.state.progress.epoch) after \(checkpoint.state.progress.steps) steps")
            if let notice { log.info(notice) }
        }
        /// The best epoch is not in the model file yet; a run may have gone further before it was killed.
        var isUnwritten = trainer.bestEpoch != nil
        func writeBest() throws {
            guard isUnwritten, let best = trainer.bestEpoch else { return }
            try write(trainer.best, best, to: folder)
            isUnwritten = false
        }
        try writeBest()

        var report = try EpochReport(
            settings, units: units, elements: data.selfEnergies.elements, folder: folder,
            keepingEpochs: trainer.progress.epoch - 1, isQuiet: isQuiet, log: log)
        if configuration.training.logger.name == .tensorBoard {
            report.tensorBoard = try TensorBoardLog(
                folder: folder, configuration: resolved, keepingEpochs: trainer.progress.epoch - 1)
            if settings.hasErrorHistograms { report.histograms = model.declarations }
        }
        let start = monotonicSeconds()
        func save() throws {
            let start = monotonicSeconds()
            try checkpoints.write(
                Checkpoint(trainer.state, precision: device.precision, identity: identity),
                keeping: configuration.runtime.checkpointsKept, everyEpochs: configuration.runtime.checkpointEpochs)
            report.clearProgress()
            log.detail(
                "checkpoint after \(trainer.progress.steps) steps in "
                    + "\(numberText(1e3 * (monotonicSeconds() - start), significantDigits: 3)) ms")
        }
        var saved = start
        // What ends a run before its first interval shall not cost all of it.
        var isSavedOnce = checkpoint != nil
        var rate = trainer.progress.learningRate
        /// What a later moment can make good, when there is space again.
        func attempt(_ remedy: String, _ work: () throws -> Void) throws {
            do {
                try work()
            } catch let error as ApusError where error.kind == .io {
                report.clearProgress()
                log.warning("\(error) \(remedy)")
            }
        }
        Interruption.listen(.training)
        let handle = { (event: TrainingEvent) throws in
            report.handle(event, of: trainer)
            if case .epochBegan = event { return }
            if case .batchSkipped(let reason) = event { return log.warning(reason) }
            if case .epochEnded(let summary) = event {
                if summary.learningRate != rate {
                    log.detail("learning rate \(numberText(summary.learningRate, significantDigits: 4))")
                    rate = summary.learningRate
                }
                if summary.isBest, let best = trainer.bestEpoch {
                    isUnwritten = true
                    log.detail(
                        "model of epoch \(best.epoch), the best so far with "
                            + "\(configuration.training.monitor.rawValue) \(numberText(best.metric, significantDigits: 4))"
                    )
                }
                try attempt("The next attempt is after the next epoch.", writeBest)
                // The end writes its own.
                if settings.reports(after: summary.epoch), summary.epoch < settings.epochs, trainer.bestEpoch != nil {
                    report.clearProgress()
                    writeReport(to: folder, epoch: summary.epoch)
                }
            }
            var isDue = monotonicSeconds() - saved >= configuration.runtime.checkpointInterval / .seconds(1)
            if case .epochEnded = event, !isSavedOnce { isDue = true }
            guard isDue else { return }
            (saved, isSavedOnce) = (monotonicSeconds(), true)
            try attempt("The next attempt is in \(configuration.runtime.checkpointInterval).", save)
        }
        let end: TrainingEnd
        do {
            end = try trainer.run(isInterrupted: { Interruption.isRequested }, handle)
        } catch let error as ApusError where error.kind == .io && trainer.progress.averaged == 0 {
            // Data that change while they are read end the run; the steps before used what was read before.
            if (try? save()) != nil { log.info("saved; \(wayOn(.interruption)) goes on once this is mended") }
            throw error
        }
        try save()
        try writeBest()
        // Without a model there are no results.
        guard end != .interruption, trainer.bestEpoch != nil || end != .time else {
            log.info("\(end.rawValue) and saved; \(wayOn(end)) goes on")
            throw ExitCode(Interruption.exitCode)
        }
        Interruption.listen(.ending)
        if trainer.progress.steps == checkpoint?.state.progress.steps {
            log.warning("\(end.rawValue) before this start, so no step was made; \(wayOn(end)) trains on")
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

    /// The command that goes on with a run after an end.
    private func wayOn(_ end: TrainingEnd) -> String {
        let training = configuration.training
        let change: String? =
            switch end {
            case .epochs: "training.number_of_epochs=\(2 * training.epochs)"
            case .earlyStopping: "training.early_stopping.patience=\(2 * (training.earlyStopping.patience ?? 1))"
            case .time:
                "training.maximum_time=\(Int(saturating: (2 * ((training.maximumTime ?? .zero) / .seconds(1))).rounded(.up))) s"
            case .interruption: nil
            }
        return "'apus resume \(shellWord(configuration.runtime.outputDirectory))"
            + (change.map { " --set \"\($0)\"" } ?? "") + "'"
    }

    /// Tells by how much the energies of atoms in the model differ from those that training began with.
    private func tell(_ correction: EnergyRefit.Correction) {
        let unit = units.energy.symbol
        func text(_ energy: Double) -> String { numberText(energy, significantDigits: 3) }
        switch correction {
        case .elements(let energies):
            let values = energies.sorted { $0.key < $1.key }.map { number, energy in
                "\(Element.all[number - 1].symbol) \(text(energy))"
            }
            log.info(
                "self-energies of the model fitted again to the training part, changed in \(unit) by "
                    + values.joined(separator: ", "))
        case .constant(let energy):
            log.info(
                "energies of the model fitted again to the training part, changed by "
                    + "\(text(energy)) \(unit) per atom; the self-energies are those that were given"
            )
        }
    }

    /// Writes `report.html` and calls `show` with it; without them the run is as good.
    ///
    /// - Parameter epoch: The epoch after which training goes on; nil at its end.
    private func writeReport(to folder: String, epoch: Int? = nil, _ show: (RunReport) throws -> Void = { _ in }) {
        do {
            var writer = ReportWriter(folder: try RunFolder(folder), data: data)
            writer.epoch = epoch
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
        guard checkpoint.precision == device.precision else {
            throw failure(
                .configuration, "the precision is \(device.precision), but the run began with \(checkpoint.precision)"
            )
        }
    }

    /// The model before the first step.
    func initialModel(_ settings: TrainingSettings) throws -> EnergyModel {
        let potential = try configuration.potential.makeNetwork(lengthUnit: units.length)
        var model = EnergyModel(
            potential: potential, parameters: [], units: units, selfEnergies: data.selfEnergies.values, scale: 1,
            shift: 0)
        model.featurization = configuration.potential.featurization
        model.heads = data.heads
        model.energyOffset = data.energyOffset
        let compared = settings.loss.properties
        model.energyReference =
            !compared.contains(.energy) && !compared.contains(.forces)
            ? .untrained : data.hasEnergies ? .absolute : .upToConstant
        model.keepsAtomicEnergies = configuration.potential.keepsAtomicEnergies
        model.compositions = data.compositions
        if configuration.potential.normalizesEnergy {
            model.shift = data.statistics.perAtomMean
            model.scale = try data.statistics.scale(learnsForces: settings.loss.usesForces, in: units)
        }
        model.parameters = EnergyModel.initialParameters(
            model.declarations, seed: UInt64(configuration.potential.seed))
        return model
    }

    private func write(
        _ model: EnergyModel, _ epoch: TrainingState.Best, to folder: String
    ) throws {
        let file = try ModelFile(
            model, precision: device.precision, program: "apus \(ApusProgram.version)",
            provenance: [
                "dataset": .string(configuration.dataset.name),
                "dataset_file": .string(String(configuration.dataset.file.text.split(separator: "/").last ?? "")),
                "experiment": .string(configuration.runtime.experimentName),
                "epoch": .integer(epoch.epoch), "training_configurations": .integer(data.training.count),
                "validation_loss": epoch.validationLoss.map { .real($0) } ?? .null,
            ], examplesFrom: data.examples)
        try file.write(to: folder + "/" + Self.modelName)
    }

    private func finalErrors(_ model: EnergyModel, _ settings: TrainingSettings) throws -> MetricsTable {
        let evaluator = Evaluator(model, loss: settings.loss, properties: settings.reported, on: device)
        let parameters = Numbers(model.parameters, on: device)
        let parts = data.parts(for: model)
        let baseline = BaselineMeans(parts[0].samples)
        var rows: [MetricsTable.Row] = []
        var means: [MetricsTable.Mean] = []
        let limits = [settings.trainingLimit, settings.validationLimit, configuration.training.testLimit]
        for ((part, all), limit) in zip(parts, limits) where !all.isEmpty {
            let samples = settings.batchSize.limited(all, to: limit)
            let errors = try evaluator.errors(on: samples, parameters: parameters)
            rows += errors.rows(part, units, samples, baseline: baseline)
            means += errors.means(of: settings.loss, part, units)
        }
        return MetricsTable(rows, means: means)
    }
}
