/// A list of undirected pairs of atoms, each listed once; what is beyond the cutoff of the list is not in it.
///
/// Networks, electrostatics and dispersion have lists of their own. An atom may be paired with itself: with its image in
/// another cell.
public struct PairList: Hashable, Sendable {
    /// The name, by which lists differ.
    public let name: String
    /// One row per pair.
    public let rows: RowSpace
    /// The first atom of each pair.
    public let first: RowMap
    /// The second atom of each pair.
    public let second: RowMap

    /// The list with a name.
    public init(_ name: String) {
        self.name = name
        rows = .indexed(.list(name, of: .atoms))
        first = RowMap("first of \(name)", from: rows, to: .atoms)
        second = RowMap("second of \(name)", from: rows, to: .atoms)
    }

    /// The pairs within the cutoff of the network.
    public static let network = PairList("pairs")

    /// The list that a tensor has the rows of; nil where these are no pairs of atoms.
    package init?(rows: RowSpace) {
        guard case .indexed(.list(let name, of: .atoms)) = rows else { return nil }
        self.init(name)
    }

    /// Both ends.
    package var ends: [RowMap] { [first, second] }
}

/// A list of triples: an atom with two of its pairs, each triple listed once.
public struct TripleList: Hashable, Sendable {
    /// The pairs that triples are made of.
    public let pairs: PairList

    /// The triples of a list of pairs.
    public init(of pairs: PairList) { self.pairs = pairs }

    /// One row per triple.
    public var rows: RowSpace { .indexed(.list("triples of \(pairs.name)", of: .list(pairs.name, of: .atoms))) }
    /// The atom in the middle.
    public var center: RowMap { RowMap("center of \(rows)", from: rows, to: .atoms) }
    /// The pair on one side.
    public var first: RowMap { RowMap("first pair of \(rows)", from: rows, to: pairs.rows) }
    /// The pair on the other side.
    public var second: RowMap { RowMap("second pair of \(rows)", from: rows, to: pairs.rows) }
}

/// The atoms of one species, for networks that each species has of its own.
public struct AtomSubset: Hashable, Sendable {
    /// The atomic number.
    public let species: Int

    /// The atoms of a species.
    public init(species: Int) { self.species = species }

    /// One row per atom of the species.
    public var rows: RowSpace { .indexed(.set("atoms of species \(species)")) }
    /// Which atom of all each one is.
    public var atom: RowMap { RowMap("atom of \(rows)", from: rows, to: .atoms) }
}
