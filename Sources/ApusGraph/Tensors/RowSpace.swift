/// The set that the rows of a tensor run over.
public enum RowSpace: Hashable, Sendable, CustomStringConvertible {
    /// A number of rows that does not depend on the batch: parameters, constants and sums over a whole batch.
    case fixed(Int)
    /// An index set whose size comes with every batch, so one graph serves molecules and batches of any size.
    case indexed(IndexSet)

    /// One row per system (molecule).
    public static let systems = RowSpace.indexed(.systems)
    /// One row per atom.
    public static let atoms = RowSpace.indexed(.atoms)
    /// One row per undirected pair of atoms within the cutoff of the network.
    public static let pairs = PairList.network.rows

    /// Whether the number of rows is the same for every batch.
    public var isFixed: Bool {
        if case .fixed = self { true } else { false }
    }

    /// The index set; nil where the number of rows is fixed.
    public var indexSet: IndexSet? {
        if case .indexed(let set) = self { set } else { nil }
    }

    /// Whether a program may go through the rows block by block; see ``IndexSet/list(_:of:)``.
    public var isList: Bool { indexSet?.elements != nil }

    /// The name used in error messages and printed programs.
    public var description: String {
        switch self {
        case .fixed(let count): "fixed(\(count))"
        case .indexed(let set): set.name
        }
    }
}

/// Things that are counted in every batch: its systems, their atoms, pairs and triples of these.
///
/// A set is known by its name. What a program can do with it follows from its kind, so new sets need no change of a
/// compiler.
public indirect enum IndexSet: Hashable, Sendable {
    /// Few things with much to say about each: tensors over them are kept whole.
    case set(String)
    /// Many things, each made of a few elements of another set, such as pairs of atoms. A program goes through them block
    /// by block and keeps numbers of one block only where it can; sums over them go to the elements.
    case list(String, of: IndexSet)

    /// The systems of a batch.
    public static let systems = IndexSet.set("systems")
    /// Their atoms.
    public static let atoms = IndexSet.set("atoms")

    /// The name in messages and printed programs.
    public var name: String {
        switch self {
        case .set(let name), .list(let name, _): name
        }
    }

    /// What the things of a list are made of; nil for a plain set.
    public var elements: IndexSet? {
        if case .list(_, let elements) = self { elements } else { nil }
    }

    /// Whether both have one name.
    public static func == (a: IndexSet, b: IndexSet) -> Bool { a.name == b.name }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
