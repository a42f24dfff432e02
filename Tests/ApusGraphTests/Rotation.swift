import ApusSystem

@testable import ApusGraph

/// A random rotation and what it does to solid harmonics.
struct Rotation {
    /// The matrix, row by row.
    let matrix: [[Double]]

    /// From a random unit quaternion.
    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var q = (0..<4).map { _ in 2 * random.uniform() - 1 }
        let norm = q.reduce(0) { $0 + $1 * $1 }.squareRoot()
        q = q.map { $0 / norm }
        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        matrix = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    }

    func callAsFunction(_ v: [Double]) -> [Double] { matrix.map { dot($0, v) } }

    /// The matrix D of degree l with R_l(Q v) = D R_l(v), from the harmonics at random points: R(Q v) R(v)ᵀ (R(v) R(v)ᵀ)⁻¹.
    func wigner(degree l: Int) -> [[Double]] {
        let polynomials = SolidHarmonics.polynomials(degree: l)
        var random = SeededGenerator(seed: UInt64(l) + 100)
        let n = 2 * l + 1
        var left = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
        var right = left
        for _ in 0..<40 {
            let v = (0..<3).map { _ in 2 * random.uniform() - 1 }
            let (before, after) = (polynomials.map { $0(v) }, polynomials.map { $0(self(v)) })
            for a in 0..<n {
                for b in 0..<n {
                    left[a][b] += before[a] * before[b]
                    right[a][b] += before[a] * after[b]
                }
            }
        }
        let transposed = solve(left, right)
        return (0..<n).map { a in (0..<n).map { transposed[$0][a] } }
    }

    /// The solution X of A X = B by Gauss–Jordan elimination with row pivots.
    private func solve(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
        var (a, b) = (a, b)
        for k in a.indices {
            let pivot = (k..<a.count).max { a[$0][k].magnitude < a[$1][k].magnitude }!
            a.swapAt(k, pivot)
            b.swapAt(k, pivot)
            let scale = 1 / a[k][k]
            a[k] = a[k].map { scale * $0 }
            b[k] = b[k].map { scale * $0 }
            for row in a.indices where row != k {
                let factor = a[row][k]
                a[row] = zip(a[row], a[k]).map { $0 - factor * $1 }
                b[row] = zip(b[row], b[k]).map { $0 - factor * $1 }
            }
        }
        return b
    }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += x * y }
    return sum
}

func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    var largest = a.count == b.count ? 0.0 : .infinity
    for (x, y) in zip(a, b) { largest = max(largest, (x - y).magnitude) }
    return largest
}
