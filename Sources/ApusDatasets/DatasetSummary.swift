import ApusChemistry

/// What is in a data set: counts, ranges and what may be wrong with it.
public struct DatasetSummary: Sendable {
    /// The range of the numbers of a label.
    public struct Range: Sendable, Equatable {
        /// The label.
        public let property: Property
        /// Configurations that have it.
        public let configurations: Int
        /// All numbers.
        public let count: Int
        /// The smallest number.
        public let minimum: Double
        /// The largest number.
        public let maximum: Double
        /// The mean.
        public let mean: Double
        /// The standard deviation over all numbers.
        public let deviation: Double
    }

    /// Configurations.
    public let configurations: Int
    /// Molecules.
    public let records: Int
    /// Atoms of the smallest and largest system, and on average.
    public let atoms: (minimum: Int, maximum: Int, mean: Double)
    /// Systems that contain each element, and atoms of it in all.
    public let elements: [(element: Element, systems: Int, atoms: Int)]
    /// Systems by total charge, where it is stated, ascending.
    public let charges: [(charge: Int, systems: Int)]
    /// The shortest distance of two atoms; nil when no system has two.
    public let shortestDistance: Double?
    /// The labels.
    public let ranges: [Range]
    /// Configurations that repeat an earlier one: same elements, positions, charge and multiplicity.
    public let duplicates: Int
    /// Configurations with the elements and positions of an earlier one in another state.
    public let otherStates: Int
    /// Whether forces and energies belong together; nil when there is nothing to compare.
    public let forceConsistency: ForceConsistency?
    /// The largest minus the smallest energy, and the same without fitted self-energies; nil without energies.
    public let energySpreads: (total: Double, withoutSelfEnergies: Double)?

    /// Looks through a data set.
    public init(_ dataset: Dataset) {
        let all = dataset.configurations
        configurations = all.count
        records = dataset.records.count
        let counts = all.map(\.system.count)
        atoms = (counts.min() ?? 0, counts.max() ?? 0, Double(counts.reduce(0, +)) / Double(max(all.count, 1)))

        var systemsWith = [Int: Int]()
        var atomsOf = [Int: Int]()
        for configuration in all {
            for (element, count) in configuration.system.composition {
                systemsWith[element.atomicNumber, default: 0] += 1
                atomsOf[element.atomicNumber, default: 0] += count
            }
        }
        elements = dataset.elements.map { ($0, systemsWith[$0.atomicNumber]!, atomsOf[$0.atomicNumber]!) }
        let stated = all.filter { $0[.totalCharge] != nil }.map(\.system.charge)
        charges = Dictionary(grouping: stated) { $0 }.map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 }
        shortestDistance = all.lazy.compactMap(\.system.shortestDistance).min()
        let found = Property.allCases + all.flatMap(\.labels.keys).filter { !Property.allCases.contains($0) }
        ranges = found.reduce(into: [Property]()) { if !$0.contains($1) { $0.append($1) } }.compactMap { property in
            Self.range(property, all)
        }

        var systems = Set<AtomicSystem>()
        var geometries = Set<AtomicSystem>()
        var duplicates = 0
        var otherStates = 0
        for configuration in all {
            let system = configuration.system
            let geometry = try? AtomicSystem(numbers: system.numbers, positions: system.positions, cell: system.cell)
            let isKnown = geometry.map { !geometries.insert($0).inserted } ?? false
            if !systems.insert(system).inserted {
                duplicates += 1
            } else if isKnown {
                otherStates += 1
            }
        }
        self.duplicates = duplicates
        self.otherStates = otherStates
        forceConsistency = ForceConsistency(dataset)
        let labelled = all.filter { $0.energy != nil }
        let fit = try? SelfEnergies.fit(labelled, unit: dataset.units.energy)
        let statistics = fit.flatMap { try? EnergyStatistics(labelled, removing: $0.selfEnergies) }
        energySpreads = statistics.map { ($0.spreadOfTotals, $0.spread) }
    }

    private static func range(_ property: Property, _ configurations: [Configuration]) -> Range? {
        let labels = configurations.compactMap { $0[property] }
        let count = labels.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        let mean = labels.reduce(0) { $0 + $1.reduce(0, +) } / Double(count)
        let square = labels.reduce(0) { $0 + $1.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
        return Range(
            property: property, configurations: labels.count, count: count,
            minimum: labels.lazy.compactMap { $0.min() }.min()!, maximum: labels.lazy.compactMap { $0.max() }.max()!,
            mean: mean, deviation: (square / Double(count)).squareRoot())
    }
}

extension AtomicSystem {
    /// The shortest distance of two atoms; nil for fewer than two.
    fileprivate var shortestDistance: Double? {
        var shortest = Double.infinity
        for i in positions.indices {
            for j in 0..<i {
                let vector = positions[i] - positions[j]
                shortest = min(shortest, (vector * vector).sum())
            }
        }
        return count > 1 ? shortest.squareRoot() : nil
    }
}
