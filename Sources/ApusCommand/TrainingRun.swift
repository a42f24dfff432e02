import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusTraining

/// One training run: data, model, training and the files of the run folder.
struct TrainingRun {
    private let configuration: RunConfiguration
    private let log: Log
    private let isQuiet: Bool
    private let instructionSet: InstructionSet
    private let units: UnitSystem
    private let data: RunData
    private static let modelName = "model.apus"

    /// Reads and prepares the data.
    init(_ configuration: RunConfiguration, log: Log, isQuiet: Bool) throws {
        self.configuration = configuration
        self.log = log
        self.isQuiet = isQuiet
        instructionSet = try InstructionSet.preferred()
        units = try UnitSystem(energy: configuration.runtime.energyUnit, length: configuration.runtime.lengthUnit)
        data = try RunData(configuration, units: units, log: log)
    }

    /// Trains, writes the run folder and returns the final errors.
    func train() throws -> MetricsTable {
        let folder = configuration.runtime.outputDirectory
        try createFolder(folder)
        if fileExists(folder + "/" + Self.modelName) {
            log.warning("\(folder) holds the model of an earlier run, which is replaced")
        }
        try writeFileAtomically(path: folder + "/config.toml", bytes: Array(configuration.moved(to: folder).toml.utf8))
        try data.split.write(to: folder + "/split")
        let settings = configuration.trainingSettings { $0.stepCount(data.training) }
        let model = try initialModel(settings)
        let trainer = try Trainer(
            model, settings, training: data.training, validation: data.validation, instructionSet: instructionSet)
        log.info(
            "\(model.architecture.name): \(model.parameters.count) parameters, \(settings.precision), "
                + "\(settings.threads) threads, \(instructionSet) kernels")

        var report = try EpochReport(
            settings, units: units, elements: data.selfEnergies.elements, folder: folder, isQuiet: isQuiet)
        let start = monotonicSeconds()
        let end = try trainer.run { event in
            try report.handle(event)
            if case .epochEnded(let summary) = event, summary.isBest {
                try write(trainer.best, settings, epoch: summary, to: folder)
            }
        }
        let seconds = monotonicSeconds() - start
        log.info("\(end.rawValue) after \(numberText(seconds, significantDigits: 3)) s; results are in \(folder)")

        let table = try finalErrors(trainer.best, settings)
        try report.writer.writeResults(
            table,
            run: [
                ReportedValue("training_time", seconds, unit: "s"),
                ReportedValue("parameters", Double(model.parameters.count)),
            ])
        return table
    }

    private func initialModel(_ settings: TrainingSettings) throws -> EnergyModel {
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
            model.scale = scale(settings.loss)
        }
        model.parameters = EnergyModel.initialParameters(
            model.declarations, seed: UInt64(configuration.potential.seed))
        return model
    }

    /// The size of what the network has to explain: forces where they are compared, which a network of fixed output
    /// size meets with outputs of order one, else energies per atom.
    private func scale(_ loss: Loss) -> Double {
        let statistics = data.statistics
        let scale = loss.usesForces ? statistics.forceRootMeanSquare ?? 1 : statistics.perAtomStandardDeviation
        return scale > 0 ? scale : 1
    }

    private func write(
        _ model: EnergyModel, _ settings: TrainingSettings, epoch: EpochSummary, to folder: String
    ) throws {
        let file = try ModelFile(
            model, precision: settings.precision, program: "apus \(ApusProgram.version)",
            provenance: [
                "dataset": .string(configuration.dataset.name),
                "dataset_file": .string(configuration.dataset.file.text),
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
        let parts = [("training", data.training), ("validation", data.validation), ("test", data.test)]
        var rows: [MetricsTable.Row] = []
        var means: [MetricsTable.Mean] = []
        for (part, samples) in parts where !samples.isEmpty {
            let errors = try evaluator.errors(on: samples, parameters: parameters)
            rows += errors.rows(part, units, samples)
            means += errors.means(of: settings.loss, part, units)
        }
        return MetricsTable(rows, means: means)
    }
}
