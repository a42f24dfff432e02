import ApusSystem

/// A few systems of a batch, as flat arrays: what one run of a program's body works on.
public struct Chunk: Sendable {
    /// The number of systems.
    public var systems = 0
    /// For each atom the row of embedding tables, such as its atomic number.
    public var kindOfAtom: [Int32] = []
    /// For each atom its system, counted from zero in this chunk.
    public var systemOfAtom: [Int32] = []
    /// For each undirected pair its first atom.
    public var pairFirst: [Int32] = []
    /// For each undirected pair its second atom, different from the first.
    public var pairSecond: [Int32] = []
    /// The numbers of each input of the graph, row-major.
    public var inputs: [String: [Double]] = [:]

    /// A chunk without systems.
    public init() {}

    /// Forgets the systems and keeps the memory.
    public mutating func removeAll() {
        systems = 0
        kindOfAtom.removeAll(keepingCapacity: true)
        systemOfAtom.removeAll(keepingCapacity: true)
        pairFirst.removeAll(keepingCapacity: true)
        pairSecond.removeAll(keepingCapacity: true)
        for key in inputs.keys { inputs[key]!.removeAll(keepingCapacity: true) }
    }

    /// Kernels trust the indices; this is where they are checked.
    package func requireValidIndices(kinds: Int) {
        let atoms = kindOfAtom.count
        require(
            systemOfAtom.count == atoms && pairFirst.count == pairSecond.count,
            "a chunk with \(atoms) kinds and \(systemOfAtom.count) systems of atoms, \(pairFirst.count) first and "
                + "\(pairSecond.count) second atoms of pairs")
        let inRange = { (indices: [Int32], count: Int) in indices.allSatisfy { $0 >= 0 && $0 < count } }
        require(inRange(systemOfAtom, systems), "an atom belongs to no system of the chunk")
        require(inRange(kindOfAtom, kinds), "the kind of an atom is not in 0..<\(kinds)")
        require(
            inRange(pairFirst, atoms) && inRange(pairSecond, atoms), "a pair joins atoms that are not in the chunk")
    }

    package var rowCounts: RowCounts {
        RowCounts(systems: systems, atoms: kindOfAtom.count, pairs: pairFirst.count)
    }
}

/// How many rows the row spaces have in a chunk.
package struct RowCounts: Sendable {
    package var systems: Int
    package var atoms: Int
    package var pairs: Int

    package init(systems: Int = 0, atoms: Int = 0, pairs: Int = 0) {
        (self.systems, self.atoms, self.pairs) = (systems, atoms, pairs)
    }

    mutating func add(_ other: RowCounts) {
        systems += other.systems
        atoms += other.atoms
        pairs += other.pairs
    }

    package subscript(rows: RowSpace) -> Int {
        switch rows {
        case .systems: systems
        case .atoms: atoms
        case .pairs: pairs
        case .fixed(let count): count
        }
    }
}

/// The values of a program's outputs for one chunk, in the order of the outputs, row-major.
public typealias ChunkOutputs = [[Double]]
