/// How many rows the spaces of a batch or a chunk have.
public struct RowCounts: Sendable, Equatable {
    private var counts: [IndexSet: Int] = [:]

    /// No rows anywhere.
    public init() {}

    /// The counts of systems, atoms and pairs of the network.
    public init(systems: Int, atoms: Int, pairs: Int) {
        self[.systems] = systems
        self[.atoms] = atoms
        self[.pairs] = pairs
    }

    /// The rows of a space; none where the space has not been counted.
    public subscript(rows: RowSpace) -> Int {
        get {
            switch rows {
            case .fixed(let count): count
            case .indexed(let set): counts[set] ?? 0
            }
        }
        set {
            guard let set = rows.indexSet else { fatalError("'\(rows)' cannot have \(newValue) rows") }
            counts[set] = newValue
        }
    }

    package mutating func add(_ other: RowCounts) { counts.merge(other.counts, uniquingKeysWith: +) }
}
