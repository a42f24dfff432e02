import ApusChemistry
import ApusFiles
import ApusSystem

/// Which configurations of a data set are used.
///
/// All conditions must hold. Those on single configurations come first, then every n-th of what is left, then the
/// limit per record.
public struct Selection: Sendable, Equatable {
    /// Which configurations of a record are taken when only some are.
    public enum Choice: String, CaseIterable, Sendable {
        /// The first in the order of the file.
        case first
        /// The last.
        case last
        /// Some at random, depending on the seed.
        case random
    }

    /// What to do with configurations that lack a label.
    public enum Missing: String, CaseIterable, Sendable {
        /// They are left out.
        case drop
        /// They are an error.
        case refuse
    }

    /// Conditions on the elements of which one must hold; each holds if all of its elements are there, and those with
    /// a negative number are not.
    public var elements: [[Int]] = []
    /// The atomic numbers beside which there may be no other; nil for all.
    public var onlyElements: Set<Int>?
    /// The largest norm of the force on an atom, in the units of the data set.
    public var maximumForce: Double?
    /// The largest distance of the energy per atom from the median of its composition, in the units of the data set.
    public var maximumEnergyDeviation: Double?
    /// The smallest and largest number of atoms.
    public var atoms: ClosedRange<Int>?
    /// The total charges; an unknown one counts as 0.
    public var charges: Set<Int>?
    /// The spin multiplicities; an unknown one counts as 1.
    public var multiplicities: Set<Int>?
    /// Take one configuration of so many.
    public var stride = 1
    /// At most so many configurations of a record.
    public var perRecord: (choice: Choice, count: Int)?
    /// The seed of random choices.
    public var seed: UInt64 = 42
    /// Labels that must be there, and what happens otherwise.
    public var required: (labels: [Property], otherwise: Missing)?

    /// Whether single atoms are kept, whatever the conditions say.
    public var keepsSingleAtoms = false

    /// Everything.
    public init() {}

    /// Whether nothing is left out.
    public var isEverything: Bool { texts.isEmpty }

    /// Compares the conditions.
    public static func == (left: Selection, right: Selection) -> Bool { left.texts == right.texts }

    /// The conditions in words.
    public var texts: [String] {
        var texts: [String] = []
        func symbol(_ number: Int) -> String {
            let z = abs(number)
            let name = Element.atomicNumbers.contains(z) ? Element.all[z - 1].symbol : "\(z)"
            return number < 0 ? "-" + name : name
        }
        if !elements.isEmpty {
            let conditions = elements.map { $0.map(symbol).joined(separator: ",") }
            texts.append("elements \(conditions.joined(separator: " or "))")
        }
        if let onlyElements {
            texts.append("only the elements \(onlyElements.sorted().map(symbol).joined(separator: ","))")
        }
        if let maximumForce { texts.append("force at most \(maximumForce)") }
        if let maximumEnergyDeviation { texts.append("energy deviation at most \(maximumEnergyDeviation)") }
        if let atoms { texts.append("atoms \(atoms.lowerBound) to \(atoms.upperBound)") }
        if let charges { texts.append("charges \(charges.sorted())") }
        if let multiplicities { texts.append("multiplicities \(multiplicities.sorted())") }
        if stride > 1 { texts.append("one of \(stride)") }
        if let perRecord {
            let seeded = perRecord.choice == .random ? " with seed \(seed)" : ""
            texts.append("\(perRecord.choice.rawValue) \(perRecord.count) of each record\(seeded)")
        }
        if let required {
            texts.append("\(required.otherwise.rawValue) without \(required.labels.map(\.key).sorted())")
        }
        return texts
    }

    /// The same with energies and forces in other units.
    ///
    /// - Throws: `UnitError` when they cannot be converted.
    func converted(from units: UnitSystem, to others: UnitSystem) throws -> Selection {
        var selection = self
        if let maximumForce { selection.maximumForce = try maximumForce * units.force.factor(to: others.force) }
        if let maximumEnergyDeviation {
            selection.maximumEnergyDeviation = try maximumEnergyDeviation * units.energy.factor(to: others.energy)
        }
        return selection
    }

    /// The positions that are taken, ascending.
    ///
    /// - Throws: `ApusError` when nothing is left, or a label is missing that must not be.
    public func positions(in configurations: Configurations, file: String) throws -> [Int] {
        if isEverything { return Array(configurations.indices) }
        var atoms = keepsSingleAtoms ? configurations.singleAtoms : []
        if atoms.count == configurations.count { atoms = [] }
        let exempt = Set(atoms)
        var kept = try configurations.indices.filter { try !exempt.contains($0) && takes(configurations, $0) }
        if let maximumEnergyDeviation {
            kept = try withinDeviation(maximumEnergyDeviation, configurations, kept)
        }
        kept = kept.enumerated().filter { $0.offset % max(stride, 1) == 0 }.map(\.element)
        if let perRecord { kept = limited(kept, configurations.recordIndices, perRecord) }
        guard !kept.isEmpty else {
            throw ApusError(
                .configuration, file: file,
                problem: "no configuration of \(configurations.count) is left (\(texts.joined(separator: "; ")))",
                remedy: "relax the conditions")
        }
        return atoms.isEmpty ? kept : (atoms + kept).sorted()
    }

    private func takes(_ configurations: Configurations, _ position: Int) throws -> Bool {
        if let atoms, !atoms.contains(configurations.atomCount(position)) { return false }
        if !elements.isEmpty || onlyElements != nil {
            var present: Set<Int> = []
            configurations.forEachAtomicNumber(position) { present.insert($0) }
            if let onlyElements, !present.isSubset(of: onlyElements) { return false }
            let holds =
                elements.isEmpty
                || elements.contains { condition in
                    condition.allSatisfy { $0 > 0 ? present.contains($0) : !present.contains(-$0) }
                }
            guard holds else { return false }
        }
        func whole(_ property: Property, unknown: Int) -> Int {
            configurations.label(property, position).map { Int($0[0]) } ?? unknown
        }
        if let charges, !charges.contains(whole(.totalCharge, unknown: 0)) { return false }
        if let multiplicities, !multiplicities.contains(whole(.spinMultiplicity, unknown: 1)) { return false }
        if let required {
            for property in required.labels where !configurations.hasLabel(property, position) {
                guard required.otherwise == .refuse else { return false }
                throw configurations.place(position).error(
                    "the \(property.name) is missing", remedy: "complete or drop the configuration")
            }
        }
        if let maximumForce, let forces = configurations.label(.forces, position) {
            let largest = vectors(forces).reduce(0) { max($0, ($1 * $1).sum()) }
            guard largest <= maximumForce * maximumForce else { return false }
        }
        return true
    }

    private func withinDeviation(
        _ limit: Double, _ configurations: Configurations, _ positions: [Int]
    ) throws -> [Int] {
        let energies = positions.map { position in
            configurations.energy(position).map { $0 / Double(configurations.atomCount(position)) }
        }
        let medians = CompositionMedians(configurations, positions, values: energies)
        return zip(positions, energies).enumerated().filter { index, pair in
            pair.1.map { abs($0 - medians.median(at: index)) <= limit } ?? true
        }.map(\.element.0)
    }

    private func limited(
        _ positions: [Int], _ records: [Int], _ limit: (choice: Choice, count: Int)
    ) -> [Int] {
        var members: [Int: [Int]] = [:]
        for position in positions { members[records[position], default: []].append(position) }
        return members.sorted { $0.key < $1.key }.flatMap { record, members in
            switch limit.choice {
            case .first: return Array(members.prefix(limit.count))
            case .last: return Array(members.suffix(limit.count))
            case .random:
                var order = members
                // A generator for each record, so that records do not depend on each other.
                var generator = SeededGenerator(seed: seed &+ UInt64(record) &* 0x9E37_79B9)
                generator.shuffle(&order)
                return Array(order.prefix(limit.count))
            }
        }.sorted()
    }
}

/// The median of a value over configurations of equal composition.
struct CompositionMedians {
    private let groups: [Int]
    private let medians: [Double]

    /// Groups configurations at some positions, of which some have a value.
    init(_ configurations: Configurations, _ positions: [Int], values: [Double?]) {
        var known: [[UInt16]: Int] = [:]
        var members: [[Double]] = []
        groups = positions.enumerated().map { index, position in
            var counts = [UInt16](repeating: 0, count: Element.all.count + 1)
            configurations.forEachAtomicNumber(position) { counts[$0] &+= 1 }
            let group = known[counts] ?? members.count
            if group == members.count {
                known[counts] = group
                members.append([])
            }
            if let value = values[index] { members[group].append(value) }
            return group
        }
        medians = members.map { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] }
    }

    /// The median of the group of a configuration.
    func median(at index: Int) -> Double { medians[groups[index]] }
}
