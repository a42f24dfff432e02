import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// A configuration that fits some data.
package struct ConfigurationDraft {
    private(set) var configuration: RunConfiguration
    /// What the loss compares.
    package let compared: [Property]
    package let dataset: Dataset
    /// Labels that are there and not learned.
    let further: [Property]
    /// The configurations that are trained on and compared, which single atoms are not.
    package let count: Int
    /// In how many of these each label is.
    private let counts: [Property: Int]
    private let averageAtoms: Double

    /// Chooses what depends on the data.
    ///
    /// - Throws: `ApusError` when there is nothing to learn, when moments depend on a point that nobody states, or when
    ///   no division leaves every element in the training part.
    package init(_ start: RunConfiguration, for dataset: Dataset) throws {
        self.dataset = dataset
        configuration = start
        let molecules = dataset.restricted(to: dataset.molecules)
        let all = molecules.configurations
        count = molecules.count
        averageAtoms = Double(all.indices.reduce(0) { $0 + all.atomCount($1) }) / Double(molecules.count)
        let counts = Dictionary(
            uniqueKeysWithValues: [Property.energy, .forces, .stress, .dipole, .charges].map { property in
                (property, all.indices.count(where: all.hasLabel(property)))
            })
        self.counts = counts
        let present = [Property.energy, .forces, .charges, .dipole].filter { counts[$0]! > 0 }
        let main = present.filter { [.energy, .forces].contains($0) }
        compared = main.isEmpty ? present : main + (counts[.stress]! > 0 ? [.stress] : [])
        further = present.filter { [compared] in !compared.contains($0) }
        if compared.isEmpty { try molecules.require([.energy]) }
        _ = try molecules.momentsFromCenterOfMass(
            given: start.dataset.momentOrigin, for: compared.filter { $0 == .dipole })
        if compared.contains(where: { counts[$0]! < molecules.count }) { configuration.dataset.missingLabels = .mask }
        let known = dataset.selfEnergies.map { Set($0.values.keys) }
        if let known, !known.isSuperset(of: dataset.elements.map(\.atomicNumber)) {
            configuration.dataset.selfEnergySource = .regression
        }
        chooseLoss()
        choosePotential(all)
        try chooseSplit(molecules)
        chooseSteps()
    }

    /// What was chosen, in a few words.
    package var summary: String {
        "\(configuration.potential.network.name) on \(compared.map(\.name).joined(separator: " and ")), "
            + "\(configuration.training.epochs) epochs"
    }

    /// What is probably not wanted.
    package var warnings: [String] {
        guard !compared.contains(.energy) else { return [] }
        let keys = dataset.interpretation.unusedKeys
        return [
            "the file has no energy under a usual name, so the configuration trains on "
                + "\(compared.map(\.name).joined(separator: " and ")) alone"
                + (keys.isEmpty
                    ? "" : "; if one of the keys that were not read is the energy, name it with --assign E=KEY: ")
                + keys.joined(separator: ", ")
        ]
    }

    /// What is said where not all configurations have all labels; nil where they do.
    package var maskNote: String? {
        guard configuration.dataset.missingLabels == .mask else { return nil }
        let parts = compared.map { "\(counts[$0]!) have \($0.name)" }
        return "missing_labels = \"mask\", because of \(counted(count, "configuration")) "
            + "\(parts.joined(separator: " and ")); the others count for the labels that they have"
    }

    private mutating func chooseLoss() {
        let names: [Property: RunConfiguration.LossName] = [
            .energy: RunConfiguration.LossName(PropertyLoss.perAtomEnergy), .forces: .forces,
            .stress: RunConfiguration.LossName(PropertyLoss.stress),
            .charges: RunConfiguration.LossName(PropertyLoss.charge),
            .dipole: RunConfiguration.LossName(PropertyLoss.dipole),
        ]
        configuration.training.lossComponents = compared.map { names[$0]! }
        configuration.training.lossWeights = Dictionary(
            uniqueKeysWithValues: compared.map { property in
                // Errors of 1 GPa and of 0.05 eV/Å count alike.
                (
                    names[property]!,
                    property == .stress ? 100 : property == .energy && compared.contains(.forces) ? 0.1 : 1
                )
            })
        let quantity: Metric.Quantity? =
            compared.contains(.forces) ? .property(.forces) : compared == [.energy] ? .energyPerAtom : nil
        configuration.training.monitor = quantity.map { RunConfiguration.Metric(.errors($0, .mae)) } ?? .loss
    }

    private mutating func choosePotential(_ all: Configurations) {
        /// Whether all systems state a property, and not all the same.
        func differs(_ property: Property) -> Bool {
            let values = all.indices.map { all.label(property, $0)?.first }
            return !values.contains(nil) && Set(values).count > 1
        }
        configuration.potential.network[HyperparameterKey.features] = .integer(count < 2000 ? 64 : 128)
        if differs(.totalCharge) { configuration.potential.featurizedProperties.append(.totalCharge) }
        if differs(.spinMultiplicity) { configuration.potential.featurizedProperties.append(.spinState) }
        let largest = dataset.elements.last?.atomicNumber ?? 1
        let key = HyperparameterKey.maximumAtomicNumber
        if let known = configuration.potential.network[key]?.integer, largest > known {
            configuration.potential.network[key] = .integer(largest)
        }
    }

    /// Fractions, or counts where a tenth is less than one; with the first seed that leaves every element in the training
    /// part.
    private mutating func chooseSplit(_ molecules: Dataset) throws {
        let sizes: [Double] =
            switch count {
            case 10...: [0.8, 0.1, 0.1]
            case 3...: [Double(count - 2), 1, 1]
            default: [1, 1, 0]
            }
        guard count > 1 else {
            throw ApusError(
                .data, file: dataset.path,
                problem: "there is one configuration, but training and validation need at least 2",
                remedy: "add configurations")
        }
        configuration.training.split.sizes = try Split.Sizes(sizes)
        var failure: (any Error)?
        for seed in 42..<142 {
            configuration.training.split.seed = seed
            do {
                return try molecules.requireElements(
                    of: try molecules.split(
                        configuration.training.split.strategy, sizes: configuration.training.split.sizes,
                        seed: UInt64(seed)))
            } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Batches of some hundred atoms, but many in an epoch; some 30,000 steps in all.
    private mutating func chooseSteps() {
        let training = Double(max(1, count * 8 / 10))
        let most = averageAtoms > 100 ? 2.0 : averageAtoms > 40 ? 8 : 32
        var batch = 1
        while Double(2 * batch) <= min(most, training / 40) { batch *= 2 }
        configuration.training.batchSize = batch
        let epochs = Int(saturating: 30_000 * Double(batch) / training)
        configuration.training.epochs = min(1000, max(20, epochs >= 100 ? epochs / 50 * 50 : epochs / 10 * 10))
        configuration.training.learningRate = 1e-3
    }
}
