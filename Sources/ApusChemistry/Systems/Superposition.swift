/// The rotation that brings a molecule nearest to another, with the centres of both on one point.
///
/// The rotation R minimises Σᵢ |(aᵢ − ā) − R (bᵢ − b̄)|². As a unit quaternion it is the eigenvector of the largest
/// eigenvalue of a symmetric matrix of four rows, made of the sums of products of coordinates (Horn 1987,
/// doi:10.1364/JOSAA.4.000629). Mirror images are never used.
public struct Superposition: Sendable {
    private let rows: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
    private let center: SIMD3<Double>
    private let target: SIMD3<Double>

    /// Brings `moved` nearest to `fixed`; both have the same atoms in the same order, at least one.
    public init(of moved: [SIMD3<Double>], onto fixed: [SIMD3<Double>]) {
        func mean(_ points: [SIMD3<Double>]) -> SIMD3<Double> {
            points.reduce(.zero, +) / Double(max(points.count, 1))
        }
        (center, target) = (mean(moved), mean(fixed))
        // s[a][b] = Σ b_a a_b, for the moved b and the fixed a.
        var s = [SIMD3<Double>](repeating: .zero, count: 3)
        for (b, a) in zip(moved, fixed) {
            let (from, to) = (b - center, a - target)
            for axis in 0..<3 { s[axis] += from[axis] * to }
        }
        let q = Self.principalVector([
            [s[0].x + s[1].y + s[2].z, s[1].z - s[2].y, s[2].x - s[0].z, s[0].y - s[1].x],
            [s[1].z - s[2].y, s[0].x - s[1].y - s[2].z, s[0].y + s[1].x, s[2].x + s[0].z],
            [s[2].x - s[0].z, s[0].y + s[1].x, s[1].y - s[0].x - s[2].z, s[1].z + s[2].y],
            [s[0].y - s[1].x, s[2].x + s[0].z, s[1].z + s[2].y, s[2].z - s[0].x - s[1].y],
        ])
        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        rows = (
            SIMD3(w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)),
            SIMD3(2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)),
            SIMD3(2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z)
        )
    }

    /// A vector of the moved molecule, such as a force, after the rotation.
    public func rotated(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3((rows.0 * vector).sum(), (rows.1 * vector).sum(), (rows.2 * vector).sum())
    }

    /// A position of the moved molecule beside the fixed one.
    public func moved(_ position: SIMD3<Double>) -> SIMD3<Double> { rotated(position - center) + target }

    /// The unit eigenvector of the largest eigenvalue of a symmetric matrix, by Jacobi's rotations.
    private static func principalVector(_ matrix: [[Double]]) -> [Double] {
        let count = matrix.count
        var a = matrix
        var vectors = (0..<count).map { row in (0..<count).map { $0 == row ? 1.0 : 0 } }
        // The sum of squares beside the diagonal falls quadratically: five or six sweeps reach rounding.
        for _ in 0..<12 {
            for p in 0..<count {
                for q in (p + 1)..<max(count, p + 1) where a[p][q] != 0 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<count { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                    for k in 0..<count { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                    for k in 0..<count {
                        (vectors[k][p], vectors[k][q]) = (
                            c * vectors[k][p] - s * vectors[k][q], s * vectors[k][p] + c * vectors[k][q]
                        )
                    }
                }
            }
        }
        let largest = (0..<count).max { a[$0][$0] < a[$1][$1] } ?? 0
        return vectors.map { $0[largest] }
    }
}
