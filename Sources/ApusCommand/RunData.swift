import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting
import ApusTraining

/// The data of a run: samples of each part and what was learned from the training part.
struct RunData {
    let training: [Sample]
    let validation: [Sample]
    let test: [Sample]
    let selfEnergies: SelfEnergies
    let statistics: EnergyStatistics

    /// Reads the files of a configuration, splits them and fits self-energies to the training part.
    init(_ configuration: RunConfiguration, units: UnitSystem, log: Log) throws {
        let loss = configuration.training.lossComponents
        let options = configuration.dataset.readingOptions(into: units)
        let read = { (file: InputPath) throws -> Dataset in
            let path = file.path
            let dataset = try Dataset.read(path: path, options: options)
            log.info("\(path): \(dataset.count) configurations, \(dataset.interpretation.format)")
            for line in dataset.interpretation.lines { log.info("  \(line)") }
            try dataset.require(loss.contains(.perAtomForce) ? [.energy, .forces] : [.energy])
            return dataset
        }
        let dataset = try read(configuration.dataset.file)
        let split = try Self.split(dataset, configuration.training.split)
        let trainingPart = dataset[split.training]
        let validationPart = try configuration.dataset.validationFile.map { try read($0).configurations }
        let testPart = try configuration.dataset.testFile.map { try read($0).configurations }

        selfEnergies = try Self.selfEnergies(trainingPart, configuration, units: units, log: log)
        statistics = try EnergyStatistics(trainingPart, removing: selfEnergies)
        let samples = { [selfEnergies] (part: [Configuration]) in
            try part.map { try Sample($0, selfEnergies: selfEnergies) }
        }
        training = try samples(trainingPart)
        validation = try samples(validationPart ?? dataset[split.validation])
        test = try samples(testPart ?? dataset[split.test])
        let unused = dataset.count - split.training.count - split.validation.count - split.test.count
        log.info(
            "\(training.count) training, \(validation.count) validation, \(test.count) test configurations"
                + (unused > 0 ? ", \(unused) unused" : ""))
        try Self.requireNeighbors(training, cutoff: configuration.potential.cutoff.value(in: units.length), units)
    }

    private static func split(_ dataset: Dataset, _ settings: RunConfiguration.Split) throws -> Split {
        let split: Split
        do {
            split = try dataset.split(
                settings.strategy, sizes: settings.sizes, seed: UInt64(settings.seed),
                testSeed: settings.testSeed.map { UInt64($0) })
        } catch let error as ApusError {
            throw error.located(place: "training.splitting_strategy.data_split")
        }
        try dataset.requireElements(of: split)
        return split
    }

    private static func selfEnergies(
        _ training: [Configuration], _ configuration: RunConfiguration, units: UnitSystem, log: Log
    ) throws -> SelfEnergies {
        guard configuration.training.removesSelfEnergies else {
            let numbers = Set(training.flatMap(\.system.numbers))
            return SelfEnergies(Dictionary(uniqueKeysWithValues: numbers.map { ($0, 0) }), unit: units.energy)
        }
        let fit = try SelfEnergies.fit(training, unit: units.energy)
        if let warning = fit.warning { log.warning(warning) }
        let values = fit.selfEnergies.elements.map { element in
            "\(element) \(numberText(fit.selfEnergies.values[element.atomicNumber]!, significantDigits: 8))"
        }
        log.info(
            "self-energies in \(units.energy.symbol): \(values.joined(separator: ", ")); residual "
                + "\(numberText(fit.rootMeanSquareResidual, significantDigits: 4)) \(units.energy.symbol) (RMS)")
        return fit.selfEnergies
    }

    /// A potential that sees no neighbour anywhere cannot learn a thing.
    private static func requireNeighbors(_ samples: [Sample], cutoff: Double, _ units: UnitSystem) throws {
        for sample in samples {
            if try NeighborPairs(sample.system, cutoff: cutoff).count > 0 { return }
        }
        throw ApusError(
            .configuration, place: "potential.core_parameter.maximum_interaction_radius",
            problem: "within \(cutoff) \(units.length.symbol) no atom of the training part has a neighbour",
            remedy: "raise the cutoff, or check the length unit of the data")
    }
}
