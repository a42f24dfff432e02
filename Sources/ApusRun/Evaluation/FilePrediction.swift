import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusTraining

/// Predictions for the structures of a file.
public struct FilePrediction {
    /// The model that predicts.
    public let model: EnergyModel
    /// The structures.
    public let dataset: Dataset
    private let log: RunLog

    /// Reads a model and structures, and makes sure that the model knows their elements.
    ///
    /// - Parameters:
    ///   - model: A model file, or the folder of a run.
    ///   - file: Structures in any format that can be read; labels are not used, but the total charge and the spin
    ///     multiplicity are where the model depends on them.
    ///   - reading: What the file does not say; its units are replaced by those of the model.
    ///   - registry: The types that the model can name.
    ///   - observer: Receives what is told.
    /// - Throws: `ApusError`.
    public init(
        of model: String, on file: String, reading: ReadingOptions = ReadingOptions(), registry: Registry = .standard,
        observer: (any RunObserver)? = nil
    ) throws {
        log = RunLog(observer)
        let model = try RecordedRun.model(model, registry: registry).model
        var options = reading
        options.units = model.units
        options.labels = [.totalCharge, .spinMultiplicity]
        options.needed = Set(model.requiredLabels)
        let dataset = try Dataset.read(path: file, options: options)
        if let warning = model.energyReference.warning { log.warning(warning) }
        for line in dataset.interpretation.leftOut { log.warning("\(file): \(line)") }
        let selfEnergies = SelfEnergies(model.selfEnergies, unit: model.units.energy)
        for configuration in dataset.configurations {
            _ = try selfEnergies.total(of: configuration.system, place: configuration.place)
        }
        try dataset.require(model.featurizationLabels)
        let samples = try Samples(dataset.configurations, selfEnergies: selfEnergies)
        let findings = FindingLog(log)
        findings.report(try [dataset.overlapFinding()].compactMap { $0?.located(file: file) })
        findings.report(
            model.findings(predicting: [try PartCensus("", samples, cutoff: model.cutoff, offset: 0)]))
        (self.model, self.dataset) = (model, dataset)
    }

    /// The structures with what the model predicts as their labels, in its units; moments refer to the centre of mass.
    ///
    /// - Throws: `ApusError` when the file changes while it is read.
    public func configurations(on device: Device) throws -> [Configuration] {
        let predictions = try Predictor(model, on: device).predict(dataset.configurations.map(\.system))
        try dataset.configurations.requireUnchanged()
        return zip(dataset.configurations, predictions).map { configuration, prediction in
            // The total charge is what was stated, not what the charges sum to.
            configuration.labelled(
                prediction.labels.filter { property, _ in
                    property != .totalCharge
                        && (model.energyReference != .untrained
                            || ![.energy, .forces, .stress, .virial].contains(property))
                })
        }
    }

    /// Predicts, and writes the structures with their labels as extended XYZ.
    ///
    /// - Throws: `ApusError`.
    public func write(to target: OutputTarget, on device: Device) throws {
        let configurations = try configurations(on: device)
        try Dataset.write(
            configurations, units: model.units, to: target,
            stating: model.energyReference == .absolute
                ? [] : [("energy_reference", model.energyReference.rawValue)])
        log.info("\(target.name): \(counted(configurations.count, "configuration")), \(model.units)")
    }
}
