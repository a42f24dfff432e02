import ApusChemistry
import ApusDatasets
import ApusPotentials
import ApusSystem

/// What a potential sees of one part of the data.
public struct PartCensus: Sendable {
    /// Mean and bounds of a number.
    public struct Spread: Sendable {
        private var moments = RunningMoments()
        /// The smallest.
        public private(set) var minimum = Double.infinity
        /// The largest.
        public private(set) var maximum = -Double.infinity

        /// How many.
        public var count: Int { moments.count }
        /// The mean.
        public var mean: Double { moments.mean }
        /// The standard deviation, by the number of values.
        public var deviation: Double { moments.deviation }

        /// Takes one more.
        mutating func add(_ value: Double) {
            moments.add(value)
            (minimum, maximum) = (min(minimum, value), max(maximum, value))
        }
    }

    /// Training, validation or test; empty for data that are not divided.
    public let part: String
    /// Configurations in the part.
    public let configurations: Int
    /// Atoms of a configuration.
    public private(set) var atoms = Spread()
    /// Undirected pairs within the cutoff of a configuration.
    public private(set) var pairs = Spread()
    /// Neighbours of an atom.
    public private(set) var neighbors = Spread()
    /// Atoms in company, but with no neighbour within the cutoff.
    public private(set) var lonelyAtoms = 0
    /// The first configuration with such an atom.
    public private(set) var firstLonely: String?
    /// The energy of a configuration per atom, without self-energies.
    public private(set) var energyPerAtom = Spread()
    /// How many configurations have an element, by atomic number.
    public private(set) var systemsWithElement: [Int: Int] = [:]
    /// Each composition, in the order of the first configuration that has it.
    public private(set) var compositions: [(composition: [Element: Int], configurations: Int, first: String)] = []
    /// How many configurations have a label.
    public private(set) var labels: [Property: Int] = [:]
    /// The values of total charge and spin multiplicity that occur, as far as they are stated.
    public private(set) var states: [Property: Set<Int>] = [:]

    /// Goes through the samples of a part once.
    ///
    /// - Parameter offset: What was taken off the energies beside self-energies.
    /// - Throws: an `ApusError` that names the sample whose atoms coincide or whose neighbours are too many.
    public init(_ part: String, _ samples: Samples, cutoff: Double, offset: Double) throws {
        self.part = part
        configurations = samples.count
        var places: [[Element: Int]: Int] = [:]
        for (number, sample) in samples.enumerated() {
            if number % 10_000 == 0 { samples.releasePages() }
            try count(sample, cutoff)
            if let energy = sample.energy { energyPerAtom.add((energy + offset) / Double(sample.system.count)) }
            let composition = sample.system.composition
            for element in composition.keys { systemsWithElement[element.atomicNumber, default: 0] += 1 }
            if let place = places[composition] {
                compositions[place].configurations += 1
            } else {
                places[composition] = compositions.count
                let formula = sample.system.formula
                let name = sample.record == formula ? sample.name : "\(formula) in \(sample.name)"
                compositions.append((composition, 1, name))
            }
            for property in sample.labels.keys { labels[property, default: 0] += 1 }
            states[.totalCharge, default: []].insert(sample.system.charge)
            if let multiplicity = sample.system.spinMultiplicity {
                states[.spinMultiplicity, default: []].insert(multiplicity)
            }
        }
    }

    private mutating func count(_ sample: Sample, _ cutoff: Double) throws {
        let list = try sample.pairs(within: cutoff)
        var neighborCounts = [Int](repeating: 0, count: sample.system.count)
        for atom in list.first + list.second { neighborCounts[Int(atom)] += 1 }
        atoms.add(Double(sample.system.count))
        pairs.add(Double(list.count))
        for count in neighborCounts { neighbors.add(Double(count)) }
        // No cutoff gives an atom neighbours that is alone.
        let lonely = sample.system.count > 1 ? neighborCounts.count { $0 == 0 } : 0
        if lonely > 0, firstLonely == nil { firstLonely = sample.name }
        lonelyAtoms += lonely
    }
}
