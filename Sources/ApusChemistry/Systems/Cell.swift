import ApusSystem

/// The cell of a system: three lattice vectors and whether the system repeats along each.
///
/// Periodic images are not searched yet; ``NeighborPairs`` refuses systems that are periodic in any direction.
public struct Cell: Hashable, Sendable {
    /// The three lattice vectors, in the length unit of the system.
    public let vectors: [SIMD3<Double>]
    /// Whether the system repeats along each of the three vectors.
    public let isPeriodicAlong: [Bool]

    /// Describes a cell.
    ///
    /// - Throws: ``AtomicSystemError/degenerateCell`` when a vector is not finite or when the three vectors of a
    ///   fully periodic cell enclose no volume.
    /// - Precondition: `vectors` and `isPeriodicAlong` have three entries.
    public init(vectors: [SIMD3<Double>], isPeriodicAlong: [Bool]) throws(AtomicSystemError) {
        require(vectors.count == 3 && isPeriodicAlong.count == 3, "Cell: three vectors and three flags are needed")
        self.vectors = vectors
        self.isPeriodicAlong = isPeriodicAlong
        guard vectors.allSatisfy(\.isFinite), volume.isFinite, volume > 0 || !isPeriodicAlong.allSatisfy({ $0 }) else {
            throw .degenerateCell
        }
    }

    /// Whether the system repeats in any direction.
    public var isPeriodic: Bool { isPeriodicAlong.contains(true) }

    /// The enclosed volume |a · (b × c)|.
    public var volume: Double {
        let (a, b, c) = (vectors[0], vectors[1], vectors[2])
        let cross = SIMD3(b.y * c.z - b.z * c.y, b.z * c.x - b.x * c.z, b.x * c.y - b.y * c.x)
        return abs((a * cross).sum())
    }
}

extension SIMD3<Double> {
    var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}
