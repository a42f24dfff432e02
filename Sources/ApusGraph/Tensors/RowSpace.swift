import ApusSystem

/// The set that the rows of a tensor run over.
///
/// Its size is known only when a batch is at hand, so one graph serves molecules and batches of any size.
public enum RowSpace: Hashable, Sendable, CustomStringConvertible {
    /// One row per system (molecule).
    case systems
    /// One row per atom.
    case atoms
    /// One row per undirected pair of atoms within the cutoff.
    case pairs
    /// A number of rows that does not depend on the batch: parameters, constants and sums over a whole batch.
    case fixed(Int)

    /// Whether the number of rows is the same for every batch.
    public var isFixed: Bool {
        if case .fixed = self { true } else { false }
    }

    /// The name used in error messages and printed programs.
    public var description: String {
        switch self {
        case .systems: "systems"
        case .atoms: "atoms"
        case .pairs: "pairs"
        case .fixed(let count): "fixed(\(count))"
        }
    }
}

/// The extents of one row of a tensor: `components` (1 for scalars, 3 for vectors, 9 for matrices) times `features`.
///
/// A row is stored densely, component by component.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// The extent of the Cartesian axis.
    public let components: Int
    /// The extent of the feature axis.
    public let features: Int

    /// A row of `components` × `features` elements.
    public init(components: Int = 1, features: Int = 1) {
        require(components > 0 && features > 0, "extents must be positive, not [\(components), \(features)]")
        self.components = components
        self.features = features
    }

    /// One number per row.
    public static let scalar = Shape()
    /// One Cartesian vector per row.
    public static let vector = Shape(components: 3)

    /// Elements in a row.
    public var count: Int { components * features }

    /// `[F]` or `[C, F]`.
    public var description: String {
        components == 1 ? "[\(features)]" : "[\(components), \(features)]"
    }
}
