import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusTraining

/// A model and configurations with reference values that it is compared with.
public struct Evaluation {
    /// A part of the data of a run.
    public enum Part: String, Sendable, CaseIterable {
        /// What the parameters are fitted to.
        case training
        /// What decides about the best epoch.
        case validation
        /// What has no part in the training.
        case test
    }

    /// The model.
    public let model: EnergyModel
    /// The name of the configurations in tables.
    package let part: String
    /// The configurations with their reference values.
    public let samples: Samples
    /// The position of each sample in its data, from 0.
    package let positions: [Int]
    /// What is compared.
    package let properties: [Property]
    /// The loss whose means are told too.
    package let loss: Loss?
    /// The trivial predictions.
    package let baseline: BaselineMeans
    /// What is told of errors.
    package let measures: [Metric.Measure]
    /// The precision unless another is asked for.
    public let precision: Precision

    /// The errors of the model, in its units.
    ///
    /// - Throws: `ApusError` when the data change while they are read.
    public func table(on device: Device) throws -> MetricsTable {
        let evaluator = Evaluator(model, loss: loss, properties: properties, on: device)
        let errors = try evaluator.errors(on: samples, parameters: Numbers(model.parameters, on: device))
        return MetricsTable(
            errors.rows(part, model.units, samples, baseline: baseline, measures: measures),
            means: loss.map { errors.means(of: $0, part, model.units) } ?? [])
    }
}

extension Evaluation {
    /// Compares a model with a file.
    ///
    /// - Parameters:
    ///   - model: A model file, or the folder of a run.
    ///   - file: Data in any format that can be read.
    ///   - reading: What the file does not say; its units are replaced by those of the model.
    ///   - momentOrigin: What moments in the file refer to.
    ///   - registry: The types that the model can name.
    ///   - observer: Receives what is told.
    /// - Throws: `ApusError`, also when the file has nothing that the model predicts.
    public init(
        of model: String, on file: String, reading: ReadingOptions = ReadingOptions(),
        momentOrigin: MomentOrigin? = nil, registry: Registry = .standard, observer: (any RunObserver)? = nil
    ) throws {
        let log = RunLog(observer)
        let model = try RecordedRun.model(model, registry: registry).model
        var options = reading
        options.units = model.units
        options.marksMissingLabels = true
        let everything = try Dataset.read(path: file, options: options)
        let molecules = everything.molecules
        let dataset = everything.restricted(to: molecules)
        if let warning = model.energyReference.warning { log.warning(warning) }
        if dataset.count < everything.count {
            log.info("\(file): left out: \(counted(everything.count - dataset.count, "configuration")) of single atoms")
        }
        for line in dataset.interpretation.lines { log.info("\(file): \(line)") }
        let compared = model.properties.filter { property in
            (model.energyReference != .untrained || ![.energy, .forces, .stress, .virial].contains(property))
                && dataset.configurations.contains { $0[property] != nil }
        }
        guard !compared.isEmpty else {
            throw ApusError(
                .data, file: file, problem: "the file has nothing that the model predicts",
                remedy: "name a file with reference values, or the key with --assign")
        }
        for property in compared {
            let count = dataset.configurations.indices.count(where: dataset.configurations.hasLabel(property))
            if count < dataset.count {
                log.info("\(file): \(count) of \(dataset.count) configurations have \(property.name)")
            }
        }
        try dataset.require(model.featurizationLabels)
        let comparable = try dataset.momentsFromCenterOfMass(
            given: momentOrigin, for: [.dipole, .quadrupole].filter(compared.contains))
        let findings = FindingLog(log)
        findings.report(try dataset.findings(about: compared).map { $0.located(file: file) })
        let samples = try Samples(
            comparable.configurations, selfEnergies: SelfEnergies(model.selfEnergies, unit: model.units.energy),
            offset: model.energyOffset)
        findings.report(
            model.findings(predicting: [
                try PartCensus("", samples, cutoff: model.cutoff, offset: model.energyOffset)
            ]))
        self.init(
            model: model, part: "data", samples: samples, positions: molecules, properties: compared, loss: nil,
            baseline: BaselineMeans(samples), measures: registry.measures, precision: .float32)
    }

    /// Compares the model of a run with a part of its data, as at the end of the training.
    ///
    /// - Parameters:
    ///   - folder: The folder of the run.
    ///   - registry: The types that its configuration and its model can name.
    ///   - observer: Receives what is told.
    /// - Throws: `ApusError` when the data are not those of the training any more, or the part is empty.
    public init(
        ofRun folder: String, part: Part = .test, registry: Registry = .standard, observer: (any RunObserver)? = nil
    ) throws {
        let (run, log, part) = (try RecordedRun(folder, registry: registry), RunLog(observer), part.rawValue)
        let model = try run.model().model
        if let warning = model.energyReference.warning { log.warning(warning) }
        let data = try run.data(log.warnings)
        let all = data.parts(for: model)
        let index = Split.partNames.firstIndex(of: part) ?? 0
        let samples = all[index].samples
        FindingLog(log).report(
            model.findings(predicting: [
                try PartCensus(part, samples, cutoff: model.cutoff, offset: model.energyOffset)
            ]))
        guard !samples.isEmpty else {
            throw ApusError(
                .usage, file: run.path, problem: "the run has no \(part) part",
                remedy: "name data, as in 'apus evaluate \(shellWord(run.path)) DATA', or another part with --part")
        }
        let file = [nil, run.configuration.dataset.validationFile, run.configuration.dataset.testFile][index]
        log.info(
            "\(run.path): \(samples.count) configurations, the \(part) part of "
                + "\((file ?? run.configuration.dataset.file).path)")
        let settings = run.configuration.trainingSettings(units: model.units)
        self.init(
            model: model, part: part, samples: samples, positions: data.positions[index],
            properties: settings.reported, loss: settings.loss, baseline: BaselineMeans(all[0].samples),
            measures: registry.measures,
            precision: run.configuration.runtime.precision)
    }
}
