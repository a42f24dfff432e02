import ApusChemistry
import ApusFiles

/// Configurations that are in memory, or made of a mapped file when they are asked for.
///
/// A whole data set and each part of a split are of this type. Going through a part of many configurations should ask
/// for what is needed only, such as ``energy(_:)``: a ``Configuration`` costs its arrays.
public struct Configurations: RandomAccessCollection, Sendable {
    private enum Storage: Sendable {
        case memory([Configuration])
        case store(DatasetStore, factors: [Property: Double], energyFactor: Double)
    }

    private let storage: Storage
    /// The positions that are meant, in this order; nil for all.
    private let selection: [Int]?
    /// Whether moments refer to the centre of mass, where they refer to the origin of the coordinates in the file.
    private var movesMoments = false
    /// The unit of length in Å.
    private var angstroms = 1.0

    /// Takes configurations in memory.
    public init(_ configurations: [Configuration]) {
        (storage, selection) = (.memory(configurations), nil)
    }

    /// Takes those of a file, in other units.
    ///
    /// - Throws: `ApusError` when a unit of the file is of another dimension.
    init(_ store: DatasetStore, in units: UnitSystem) throws {
        var factors: [Property: Double] = [:]
        for property in [.positions] + store.properties {
            factors[property] = try store.information.units.unit(of: property).factor(to: units.unit(of: property))
        }
        (storage, selection) = (.store(store, factors: factors, energyFactor: factors[.energy] ?? 1), nil)
    }

    private init(_ other: Configurations, at selection: [Int]) {
        (storage, self.selection) = (other.storage, selection)
        (movesMoments, angstroms) = (other.movesMoments, other.angstroms)
    }

    /// The same with positions in a unit.
    func measured(in length: Unit) -> Configurations {
        var copy = self
        copy.angstroms = (try? length.factor(to: .angstrom)) ?? 1
        return copy
    }

    /// The same with moments that refer to the centre of mass; every quadrupole moment needs a dipole moment.
    func withMomentsFromCenterOfMass() -> Configurations {
        var moved = self
        moved.movesMoments = true
        return moved
    }

    /// The file; nil for configurations in memory.
    public var store: DatasetStore? {
        if case .store(let store, _, _) = storage { store } else { nil }
    }

    /// The first position, 0.
    public var startIndex: Int { 0 }

    /// The number of configurations.
    public var endIndex: Int {
        if let selection { return selection.count }
        return switch storage {
        case .memory(let configurations): configurations.count
        case .store(let store, _, _): store.count
        }
    }

    /// The configuration at a position, made anew where it comes from a file.
    public subscript(position: Int) -> Configuration {
        let configuration =
            switch storage {
            case .memory(let configurations): configurations[index(position)]
            case .store(let store, let factors, _): store.configuration(index(position)) { factors[$0] ?? 1 }
            }
        guard movesMoments else { return configuration }
        // Moments that cannot be moved were refused before, so the file has changed, which `requireUnchanged` tells later.
        return (try? configuration.momentsFromCenterOfMass()) ?? configuration
    }

    /// The configurations at some positions, such as one part of a ``Split``.
    public subscript(positions: [Int]) -> Configurations {
        Configurations(self, at: positions.map(index))
    }

    private func index(_ position: Int) -> Int { selection.map { $0[position] } ?? position }

    // MARK: Without making a configuration

    /// The number of atoms.
    public func atomCount(_ position: Int) -> Int {
        switch storage {
        case .memory(let configurations): configurations[index(position)].system.count
        case .store(let store, _, _): store.atomCount(index(position))
        }
    }

    /// Whether a configuration is one atom without neighbours: in a cell, as programs for crystals need one, its images
    /// are 8 Å away, farther than atoms bond.
    public func isSingleAtom(_ position: Int) -> Bool {
        guard atomCount(position) == 1 else { return false }
        guard let cell = system(position).cell, cell.isPeriodic else { return true }
        return zip(cell.vectors, cell.isPeriodicAlong).allSatisfy { vector, isPeriodic in
            !isPeriodic || (vector * vector).sum().squareRoot() * angstroms >= 8
        }
    }

    /// The atoms.
    func system(_ position: Int) -> AtomicSystem {
        switch storage {
        case .memory(let configurations): configurations[index(position)].system
        case .store(let store, let factors, _):
            store.system(index(position), length: factors[.positions] ?? 1) ?? .hydrogenAtom
        }
    }

    /// Calls a function with every atomic number.
    public func forEachAtomicNumber(_ position: Int, _ body: (Int) -> Void) {
        switch storage {
        case .memory(let configurations): configurations[index(position)].system.numbers.forEach(body)
        case .store(let store, _, _): store.forEachAtomicNumber(index(position)) { body(Int($0)) }
        }
    }

    /// The numbers of a label; nil where it is not known.
    public func label(_ property: Property, _ position: Int) -> [Double]? {
        if movesMoments && (property == .dipole || property == .quadrupole) || property == .virial {
            return self[position][property]
        }
        switch storage {
        case .memory(let configurations): return configurations[index(position)][property]
        case .store(let store, let factors, _):
            guard let values = store.label(property, index(position)) else { return nil }
            let factor = factors[property] ?? 1
            return factor == 1 ? values : values.map { $0 * factor }
        }
    }

    /// Whether a label is known.
    public func hasLabel(_ property: Property, _ position: Int) -> Bool { hasLabel(property)(position) }

    /// Whether a label is known, as a function of the position, for loops over many.
    public func hasLabel(_ property: Property) -> (Int) -> Bool {
        switch storage {
        case .memory(let configurations): return { configurations[index($0)][property] != nil }
        case .store(let store, _, _):
            let hasLabel = store.hasLabel(property == .virial ? .stress : property)
            guard let selection else { return hasLabel }
            return { hasLabel(selection[$0]) }
        }
    }

    /// The total energy; nil where it is not known.
    public func energy(_ position: Int) -> Double? {
        switch storage {
        case .memory(let configurations): configurations[index(position)].energy
        case .store(let store, _, let factor): store.energy(index(position)).map { $0 * factor }
        }
    }

    /// The name of the molecule.
    public func record(_ position: Int) -> String {
        switch storage {
        case .memory(let configurations): configurations[index(position)].record
        case .store(let store, _, _): store.recordName(store.recordIndex(index(position)))
        }
    }

    /// Numbers that are equal for configurations of one molecule, from 0.
    public var recordIndices: [Int] {
        switch storage {
        case .memory:
            var known: [String: Int] = [:]
            return indices.map { position in
                let name = record(position)
                if let number = known[name] { return number }
                known[name] = known.count
                return known.count - 1
            }
        case .store(let store, _, _): return indices.map { store.recordIndex(index($0)) }
        }
    }

    /// The names of all molecules.
    public var recordNames: Set<String> {
        var first: [Int: Int] = [:]
        for (position, record) in recordIndices.enumerated() where first[record] == nil { first[record] = position }
        return Set(first.values.map(record))
    }

    /// Where a configuration comes from.
    public func place(_ position: Int) -> Configuration.Place {
        switch storage {
        case .memory(let configurations): configurations[index(position)].place
        case .store(let store, _, _): store.place(index(position))
        }
    }

    /// Adds elements, positions and labels to a digest: those of a file by its checksums and by what is selected.
    public func add(to digest: inout SHA256) {
        func add(_ text: String) { digest.update(Array(text.utf8)) }
        switch storage {
        case .memory(let all):
            for position in indices {
                let configuration = all[index(position)]
                add("\(configuration.system.numbers)\(configuration.system.positions)")
                if let cell = configuration.system.cell { add("\(cell.vectors)\(cell.isPeriodicAlong)") }
                for property in configuration.labels.keys.sorted(by: { $0.key < $1.key }) {
                    add("\(property.key)\(configuration.labels[property]!)")
                }
            }
        case .store(let store, let factors, _):
            for (name, checksum) in store.information.checksums.sorted(by: { $0.key < $1.key }) {
                add("\(name) \(checksum) ")
            }
            for property in factors.keys.sorted(by: { $0.key < $1.key }) {
                add("\(property.key) \(factors[property]!) ")
            }
            add("\(count) \(selection ?? [])")
        }
    }

    /// Makes sure that what was read so far is what a mapped file had when it was opened; until then it may be anything.
    ///
    /// - Throws: `ApusError` of kind `io` when the file was cut, written to or replaced since.
    public func requireUnchanged() throws { try store?.requireUnchanged() }

    /// Gives the memory of a mapped file back; what is asked for later is read again.
    public func releasePages() { store?.releasePages() }
}
