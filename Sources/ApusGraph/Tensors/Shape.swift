import ApusSystem

/// The extents of one row of a tensor: `components` (1 for scalars, 3 for vectors, 9 for matrices) times `features`.
///
/// A row is stored densely, component by component.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// The extent of the component axis.
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
