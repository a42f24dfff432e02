/// A map from the rows of one space to those of another, given with every batch: an array with an entry for every row of
/// the source. It is known by its name.
public struct RowMap: Hashable, Sendable, CustomStringConvertible {
    /// The name in messages.
    public let description: String
    /// What has an entry each.
    public let source: RowSpace
    /// What the entries number; nil for the rows of a table of any fixed size.
    public let target: RowSpace?

    /// A map from one index set to another.
    public init(_ name: String, from source: RowSpace, to target: RowSpace) {
        (description, self.source, self.target) = (name, source, target)
    }

    private init(_ name: String, intoTableFrom source: RowSpace) {
        (description, self.source, target) = (name, source, nil)
    }

    /// The system that each atom belongs to.
    public static let systemOfAtom = RowMap("system of atom", from: .atoms, to: .systems)
    /// The row of a table for each atom, such as its atomic number.
    public static let speciesOfAtom = RowMap("species of atom", intoTableFrom: .atoms)

    /// Whether both have one name.
    public static func == (a: RowMap, b: RowMap) -> Bool { a.description == b.description }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }

    /// Whether a tensor can have the rows that the entries number.
    func leads(to rows: RowSpace) -> Bool { target.map { $0 == rows } ?? rows.isFixed }

    /// The target in words.
    var targetName: String { target?.description ?? "fixed rows" }
}
