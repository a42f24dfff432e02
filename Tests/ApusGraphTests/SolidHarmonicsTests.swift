import ApusSystem
import Testing

@testable import ApusGraph

/// Solid harmonics to degree 4: normalisation, order, rotations and gradients.
@Suite struct SolidHarmonicsTests {
    private func vectors(_ count: Int) -> [[Double]] {
        var random = SeededGenerator(seed: 5)
        return (0..<count).map { _ in (0..<3).map { _ in 2 * random.uniform() - 1 } }
    }

    private func harmonics(_ l: Int, _ v: [Double]) -> [Double] { SolidHarmonics.polynomials(degree: l).map { $0(v) } }

    @Test func lowDegreesAreThoseWrittenOut() {
        for v in vectors(10) {
            let (x, y, z, q) = (v[0], v[1], v[2], v[0] * v[0] + v[2] * v[2])
            let third: [Double] = [
                (5.0 / 8).squareRoot() * x * (3 * z * z - x * x), 15.0.squareRoot() * x * y * z,
                (3.0 / 8).squareRoot() * x * (4 * y * y - q), y * (2 * y * y - 3 * q) / 2,
                (3.0 / 8).squareRoot() * z * (4 * y * y - q), 3.75.squareRoot() * y * (z * z - x * x),
                (5.0 / 8).squareRoot() * z * (z * z - 3 * x * x),
            ]
            let second: [Double] = [x * z, x * y, (y * y - q / 2) / 3.0.squareRoot(), y * z, (z * z - x * x) / 2]
            let expected: [[Double]] = [
                [1], v.map { 3.0.squareRoot() * $0 }, second.map { 15.0.squareRoot() * $0 },
                third.map { 7.0.squareRoot() * $0 },
            ]
            for (l, values) in expected.enumerated() {
                #expect(largestDifference(harmonics(l, v), values) < 1e-14, "degree \(l)")
            }
        }
    }

    /// Σ_m R_lm(a) R_lm(b) = (2l + 1) |a|^l |b|^l P_l(cos), and each is harmonic: Σ_m of squares is (2l + 1) r^2l.
    @Test(arguments: 0...4) func additionTheorem(_ l: Int) {
        for (a, b) in zip(vectors(20), vectors(40).suffix(20)) {
            let scale = (dot(a, a) * dot(b, b)).squareRoot()
            let x = dot(a, b) / scale
            var (last, legendre) = (0.0, 1.0)
            for n in 0..<l {
                let next = Double(2 * n + 1) * x * legendre - Double(n) * last
                (last, legendre) = (legendre, next / Double(n + 1))
            }
            var expected = Double(2 * l + 1) * legendre
            for _ in 0..<l { expected *= scale }
            #expect((dot(harmonics(l, a), harmonics(l, b)) - expected).magnitude < 1e-12)
        }
    }

    /// The mean of R_lm R_l'm' over the unit sphere is δ: exact by Gauss–Legendre quadrature (5 points, degree 9) in y and
    /// nine equal angles around it.
    @Test func orthonormalOverTheSphere() {
        let outer = (245 + 14 * 70.0.squareRoot()).squareRoot() / 21
        let inner = (245 - 14 * 70.0.squareRoot()).squareRoot() / 21
        let (light, heavy) = ((322 - 13 * 70.0.squareRoot()) / 900, (322 + 13 * 70.0.squareRoot()) / 900)
        let nodes = [(0, 128.0 / 225), (inner, heavy), (-inner, heavy), (outer, light), (-outer, light)]
        // Angles by repeated rotation, as there is no sine here: the ninth root of one by Newton's method.
        var (cosine, sine) = (0.766, 0.643)
        for _ in 0..<30 {
            var (c, s) = (1.0, 0.0)
            for _ in 0..<8 { (c, s) = (c * cosine - s * sine, c * sine + s * cosine) }
            let (c9, s9) = (c * cosine - s * sine, c * sine + s * cosine)
            let norm = 9 * (c * c + s * s)
            (cosine, sine) = (cosine - ((c9 - 1) * c + s9 * s) / norm, sine - (s9 * c - (c9 - 1) * s) / norm)
        }
        let functions = (0...4).flatMap { SolidHarmonics.polynomials(degree: $0) }
        var overlap = [Double](repeating: 0, count: 625)
        for (y, weight) in nodes {
            let radius = (1 - y * y).squareRoot()
            var (c, s) = (1.0, 0.0)
            for _ in 0..<9 {
                let values = functions.map { $0([radius * s, y, radius * c]) }
                for k in overlap.indices {
                    let product = values[k / 25] * values[k % 25]
                    overlap[k] += weight * product / 18
                }
                (c, s) = (c * cosine - s * sine, c * sine + s * cosine)
            }
        }
        for k in overlap.indices {
            let expected = k / 25 == k % 25 ? 1.0 : 0.0
            #expect((overlap[k] - expected).magnitude < 1e-12, "\(k / 25), \(k % 25)")
        }
    }

    /// A rotation mixes the components of a degree by an orthogonal matrix, which for degree 1 is the rotation itself.
    @Test(arguments: 0...4) func rotations(_ l: Int) {
        for seed in 0..<3 as Range<UInt64> {
            let rotation = Rotation(seed: seed)
            let d = rotation.wigner(degree: l)
            for (a, row) in d.enumerated() {
                for (b, other) in d.enumerated() {
                    let expected = a == b ? 1.0 : 0.0
                    #expect((dot(row, other) - expected).magnitude < 1e-12)
                    if l == 1 { #expect((row[b] - rotation.matrix[a][b]).magnitude < 1e-12) }
                }
            }
            for v in vectors(5) {
                let expected = d.map { dot($0, harmonics(l, v)) }
                #expect(largestDifference(harmonics(l, rotation(v)), expected) < 1e-12)
            }
        }
    }

    /// Central differences miss h²/6 of a third derivative, some 1e-9 here.
    @Test(arguments: 0...4) func gradients(_ l: Int) {
        let step = 0x1p-17
        for v in vectors(5) {
            var gradient = [[Double]](repeating: [0, 0, 0], count: 2 * l + 1)
            let lower = l == 0 ? [] : harmonics(l - 1, v)
            for slope in SolidHarmonics.gradient(degree: l) {
                gradient[slope.order + l][slope.axis] += slope.value * lower[slope.lowerOrder + l - 1]
            }
            for axis in 0..<3 {
                var (above, below) = (v, v)
                above[axis] += step
                below[axis] -= step
                for (m, (a, b)) in zip(harmonics(l, above), harmonics(l, below)).enumerated() {
                    let slope = (a - b) / (2 * step)
                    #expect((slope - gradient[m][axis]).magnitude < 1e-8)
                }
            }
        }
    }
}
