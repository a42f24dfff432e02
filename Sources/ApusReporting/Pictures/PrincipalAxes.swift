/// The axes along which points spread most, second most and least.
struct PrincipalAxes {
    let center: SIMD3<Double>
    /// Unit vectors, the widest spread first, right-handed.
    let axes: [SIMD3<Double>]

    /// Diagonalises the matrix of second moments with rotations of Jacobi.
    init(_ points: [SIMD3<Double>]) {
        center = points.reduce(.zero, +) / Double(max(1, points.count))
        var moments = [[Double]](repeating: [0, 0, 0], count: 3)
        for point in points {
            let r = point - center
            for i in 0..<3 { for j in 0..<3 { moments[i][j] += r[i] * r[j] } }
        }
        var vectors = (0..<3).map { i in (0..<3).map { $0 == i ? 1.0 : 0 } }
        for _ in 0..<30 {
            for (p, q) in [(0, 1), (0, 2), (1, 2)] where abs(moments[p][q]) > 1e-300 {
                let theta = (moments[q][q] - moments[p][p]) / (2 * moments[p][q])
                let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<3 {
                    (moments[k][p], moments[k][q]) = (
                        c * moments[k][p] - s * moments[k][q], s * moments[k][p] + c * moments[k][q]
                    )
                }
                for k in 0..<3 {
                    (moments[p][k], moments[q][k]) = (
                        c * moments[p][k] - s * moments[q][k], s * moments[p][k] + c * moments[q][k]
                    )
                    (vectors[k][p], vectors[k][q]) = (
                        c * vectors[k][p] - s * vectors[k][q], s * vectors[k][p] + c * vectors[k][q]
                    )
                }
            }
        }
        let order = (0..<3).sorted { moments[$0][$0] > moments[$1][$1] }
        let first = SIMD3(vectors[0][order[0]], vectors[1][order[0]], vectors[2][order[0]])
        let second = SIMD3(vectors[0][order[1]], vectors[1][order[1]], vectors[2][order[1]])
        let third = SIMD3(
            first.y * second.z - first.z * second.y, first.z * second.x - first.x * second.z,
            first.x * second.y - first.y * second.x)
        axes = [first, second, third]
    }

    /// A vector in the system of the axes.
    func components(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3((vector * axes[0]).sum(), (vector * axes[1]).sum(), (vector * axes[2]).sum())
    }
}
