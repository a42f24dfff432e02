import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// The data of a run: samples of each part and what was learned from the training part.
package struct RunData {
    package let training: Samples
    package let validation: Samples
    package let test: Samples
    /// Which configurations of `dataset.file` are in which part.
    package let split: Split
    /// The positions of the configurations of each part in its file, after selection.
    package let positions: [[Int]]
    package let selfEnergies: SelfEnergies
    /// Whether the self-energies were fitted to the training part, and may be fitted again.
    let fitsSelfEnergies: Bool
    /// The span of the compositions with energies, where it is less than all and the self-energies were fitted.
    let compositions: CompositionSpan?
    /// Systems with all elements of the training part, from which model files take their examples.
    package let examples: [AtomicSystem]
    let statistics: EnergyStatistics
    /// Whether the training part has energies.
    let hasEnergies: Bool
    /// What was taken off every energy beside self-energies.
    var energyOffset: Double { statistics.offset }
    /// The heads that the loss trains.
    package let heads: [any Head]
    /// A digest of the training and the validation part.
    package let digest: String
    /// A digest of the test part.
    let testDigest: String

    /// Reads the files of a configuration, splits them and fits self-energies to the training part.
    init(_ configuration: RunConfiguration, units: UnitSystem, log: RunLog, findings: FindingLog, isDry: Bool) throws {
        let reader = try RunReader(configuration, units: units, log: log, findings: findings, isDry: isDry)
        heads = reader.heads
        let parts = try RunParts(configuration, reader, log, findings)
        (split, positions) = (parts.split, parts.positions)
        let atoms = try parts.atoms(configuration, reader)
        if parts.singleAtoms > 0 {
            log.info(
                "\(parts.singleAtoms == 1 ? "1 single atom is" : "\(parts.singleAtoms) single atoms are") not trained on; "
                    + "set dataset.train_on_isolated_atoms to do so")
        }
        hasEnergies = parts.training.indices.contains(where: parts.training.hasLabel(.energy))
        let choice = try SelfEnergyChoice(configuration, units: units, log: log)
            .selfEnergies(parts.dataset, training: parts.training, atoms: atoms)
        (selfEnergies, fitsSelfEnergies) = (choice.energies, choice.isFitted)
        compositions = fitsSelfEnergies && hasEnergies ? CompositionSpan(incompleteIn: parts.training) : nil
        statistics = try EnergyStatistics(
            parts.training, removing: selfEnergies, shift: configuration.training.energyShift)
        if hasEnergies { reader.report(statistics) }
        let samples = try parts.configurations.map { [selfEnergies, statistics] part in
            try Samples(part, selfEnergies: selfEnergies, offset: statistics.offset)
        }
        (training, validation, test) = (samples[0], samples[1], samples[2])
        for part in samples { try part.requireUnchanged() }
        examples = training.exampleSystems
        digest = parts.configurations[...1].digest
        testDigest = parts.configurations[2...].digest
        log.info(
            "\(training.count) training, \(validation.count) validation, \(test.count) test configurations"
                + (parts.unused > 0 ? ", \(parts.unused) unused" : ""))
        try Self.requireNeighbors(
            training, cutoff: configuration.potential.makeNetwork(lengthUnit: units.length).cutoff, units)
    }

    /// What the model sees of the parts that have configurations, training first.
    func census(of model: EnergyModel) throws -> [PartCensus] {
        try [("training", training), ("validation", validation), ("test", test)]
            .filter { !$0.1.isEmpty }
            .map {
                try PartCensus($0.0, $0.1, cutoff: model.cutoff, offset: energyOffset)
            }
    }

    /// The parts with their names, with energies from which the self-energies of a model of this run are taken off.
    package func parts(for model: EnergyModel) -> [(name: String, samples: Samples)] {
        let correction = model.selfEnergies.merging(selfEnergies.values) { $0 - $1 }
        return zip(Split.partNames, [training, validation, test]).map { ($0, $1.removing(correction)) }
    }

    /// A potential that sees no neighbour anywhere cannot learn a thing.
    private static func requireNeighbors(_ samples: Samples, cutoff: Double, _ units: UnitSystem) throws {
        for sample in samples {
            if try sample.pairs(within: cutoff).count > 0 { return }
        }
        throw ApusError(
            .configuration, place: "potential.core_parameter.maximum_interaction_radius",
            problem: "within \(cutoff) \(units.length.symbol) no atom of the training part has a neighbour",
            remedy: "raise the cutoff, or check the length unit of the data")
    }
}

extension CompositionSpan {
    /// The span of the compositions with energies; nil where it has every composition of the elements.
    fileprivate init?(incompleteIn part: Configurations) {
        self.init(elements: part.chemicalElements)
        var known: Set<[Element: Int]> = []
        let hasEnergy = part.hasLabel(.energy)
        for position in part.indices where hasEnergy(position) {
            var composition: [Element: Int] = [:]
            part.forEachAtomicNumber(position) { composition[Element.all[$0 - 1], default: 0] += 1 }
            guard known.insert(composition).inserted else { continue }
            insert(composition)
            if isComplete { return nil }
        }
    }
}
