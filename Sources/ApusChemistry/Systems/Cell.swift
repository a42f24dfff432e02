import ApusSystem

/// The cell of a system: three lattice vectors and whether the system repeats along each.
///
/// Any three vectors will do, left-handed ones and skewed ones too, and the system may repeat along any of them. Vectors
/// along which it does not repeat may be zero.
public struct Cell: Hashable, Sendable {
    /// The three lattice vectors, in the length unit of the system.
    public let vectors: [SIMD3<Double>]
    /// Whether the system repeats along each of the three vectors.
    public let isPeriodicAlong: [Bool]

    /// Periodic vectors whose volume is below this fraction of the product of their lengths count as one plane or line.
    ///
    /// An angle of 10⁻⁶ between two vectors is no crystal's, and far above rounding.
    private static let flatness = 1e-6

    /// Describes a cell.
    ///
    /// - Throws: ``AtomicSystemError/latticeVectorNotFinite(axis:vector:)``, or
    ///   ``AtomicSystemError/latticeVectorZero(axis:)`` or ``AtomicSystemError/flatCell`` about the vectors along which
    ///   the system repeats.
    /// - Precondition: `vectors` and `isPeriodicAlong` have three entries.
    public init(vectors: [SIMD3<Double>], isPeriodicAlong: [Bool]) throws(AtomicSystemError) {
        require(vectors.count == 3 && isPeriodicAlong.count == 3, "Cell: three vectors and three flags are needed")
        self.vectors = vectors
        self.isPeriodicAlong = isPeriodicAlong
        // Volumes of larger vectors would overflow.
        if let axis = vectors.firstIndex(where: { !($0.largest <= 1e100) }) {
            throw .latticeVectorNotFinite(axis: axis, vector: vectors[axis])
        }
        let periodic = (0..<3).filter { isPeriodicAlong[$0] }
        if let axis = periodic.first(where: { vectors[$0] == .zero }) { throw .latticeVectorZero(axis: axis) }
        // Directions alone, so that no product overflows.
        let directions = periodic.map { (axis: Int) in
            let vector = vectors[axis] / vectors[axis].largest
            return vector / vector.length
        }
        let content =
            switch directions.count {
            case 2: cross(directions[0], directions[1]).length
            case 3: abs(dot(directions[0], cross(directions[1], directions[2])))
            default: 1.0
            }
        guard content > Self.flatness else { throw .flatCell }
    }

    /// Whether the system repeats in any direction.
    public var isPeriodic: Bool { isPeriodicAlong.contains(true) }

    /// The enclosed volume |a · (b × c)|, which is zero where a vector is.
    public var volume: Double { abs(dot(vectors[0], cross(vectors[1], vectors[2]))) }

    /// The cell with every vector multiplied from the right by 1 + ε, as a homogeneous strain does: h → h (1 + ε).
    ///
    /// - Parameter strain: The three rows of ε.
    /// - Throws: As ``init(vectors:isPeriodicAlong:)``.
    public func strained(by strain: [SIMD3<Double>]) throws(AtomicSystemError) -> Cell {
        try Cell(vectors: vectors.map { $0.strained(by: strain) }, isPeriodicAlong: isPeriodicAlong)
    }
}

extension SIMD3<Double> {
    var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }

    /// The largest component in size; not a number where one is none.
    var largest: Double { x.isNaN || y.isNaN || z.isNaN ? .nan : Swift.max(abs(x), abs(y), abs(z)) }

    /// |r|.
    package var length: Double { dot(self, self).squareRoot() }

    /// r (1 + ε), for the three rows of ε.
    func strained(by strain: [SIMD3<Double>]) -> SIMD3<Double> {
        self + x * strain[0] + y * strain[1] + z * strain[2]
    }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

/// a × b.
package func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
