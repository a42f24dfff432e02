import ApusChemistry
import ApusSystem

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
    /// The cells.
    public let cells: Cells
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
        let angstroms = (try? dataset.units.length.factor(to: .angstrom)) ?? 1
        configurations = all.count
        records = Set(all.recordIndices).count
        var atoms = (minimum: Int.max, maximum: 0, sum: 0)
        var systemsWith = [Int](repeating: 0, count: Element.all.count + 1)
        var atomsOf = systemsWith
        var charges: [Int: Int] = [:]
        var cells = Cells()
        var shortest = Double.infinity
        var ranges: [Property: RangeBuilder] = [:]
        // A hash of 64 bits stands for a system, so that memory does not grow with its size.
        var systems = Set<Int>()
        var geometries = Set<Int>()
        var (duplicates, otherStates) = (0, 0)
        for (position, configuration) in all.enumerated() {
            let system = configuration.system
            atoms = (min(atoms.minimum, system.count), max(atoms.maximum, system.count), atoms.sum + system.count)
            for (element, count) in system.composition {
                systemsWith[element.atomicNumber] += 1
                atomsOf[element.atomicNumber] += count
            }
            cells.add(system)
            if configuration[.totalCharge] != nil { charges[system.charge, default: 0] += 1 }
            if let distance = system.shortestDistance(angstroms) { shortest = min(shortest, distance) }
            for (property, values) in configuration.labels { ranges[property, default: RangeBuilder()].add(values) }
            var hasher = Hasher()
            hasher.combine(system.numbers)
            hasher.combine(system.positions)
            hasher.combine(system.cell)
            let isKnown = !geometries.insert(hasher.finalize()).inserted
            if !systems.insert(system.hashValue).inserted {
                duplicates += 1
            } else if isKnown {
                otherStates += 1
            }
            if position % 10_000 == 0 { all.releasePages() }
        }
        self.atoms = (
            atoms.sum > 0 ? atoms.minimum : 0, atoms.maximum, Double(atoms.sum) / Double(max(all.count, 1))
        )
        elements = dataset.elements.map { ($0, systemsWith[$0.atomicNumber], atomsOf[$0.atomicNumber]) }
        self.charges = charges.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        self.cells = cells
        shortestDistance = shortest.isFinite ? shortest : nil
        self.ranges = ranges.sorted { left, right in
            let order = { (property: Property) in Property.allCases.firstIndex(of: property) ?? .max }
            return (order(left.key), left.key.key) < (order(right.key), right.key.key)
        }.map { property, range in range.range(of: property) }
        self.duplicates = duplicates
        self.otherStates = otherStates
        forceConsistency = ForceConsistency(dataset)
        let labelled = all[all.indices.filter(all.hasLabel(.energy))]
        let fit = try? SelfEnergies.fit(labelled, unit: dataset.units.energy)
        let statistics = fit.flatMap { try? EnergyStatistics(labelled, removing: $0.selfEnergies) }
        energySpreads = statistics.map { ($0.spreadOfTotals, $0.spread) }
    }
}

/// Collects the numbers of a label.
private struct RangeBuilder {
    private var configurations = 0
    private var moments = RunningMoments()
    private var (minimum, maximum) = (Double.infinity, -Double.infinity)

    mutating func add(_ values: [Double]) {
        configurations += 1
        for value in values {
            moments.add(value)
            (minimum, maximum) = (min(minimum, value), max(maximum, value))
        }
    }

    func range(of property: Property) -> DatasetSummary.Range {
        DatasetSummary.Range(
            property: property, configurations: configurations, count: moments.count, minimum: minimum,
            maximum: maximum,
            mean: moments.mean, deviation: moments.deviation)
    }
}

extension AtomicSystem {
    /// The shortest distance of two atoms, or of an atom and an image; nil for a single atom without images.
    ///
    /// - Parameter angstroms: The unit of length in Å.
    fileprivate func shortestDistance(_ angstroms: Double) -> Double? {
        if nearestOwnImage != nil || count > 500 {
            let bound = nearestOwnImage?.distance ?? .infinity
            // Within ever larger distances, so that few pairs are listed before one is found.
            var reach = min(1 / angstroms, bound)
            while true {
                let pairs = try? NeighborPairs(self, cutoff: 1.000_001 * reach, minimumDistance: 0)
                let found = pairs?.vectors.map { ($0 * $0).sum() }.min()?.squareRoot()
                if let found { return min(found, bound) }
                guard pairs != nil, reach < bound else { return bound }
                reach = min(2 * reach, bound)
            }
        }
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
