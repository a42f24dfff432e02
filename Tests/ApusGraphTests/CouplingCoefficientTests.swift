import ApusSystem
import Testing

@testable import ApusGraph

/// Wigner 3j symbols, Clebsch–Gordan products and symmetric products: orthogonality and rotations.
@Suite struct CouplingCoefficientTests {
    static let triples: [[Int]] = {
        var triples: [[Int]] = []
        for a in 0...4 {
            for b in 0...4 {
                for c in abs(a - b)...min(a + b, 4) where abs(a - b) <= 4 { triples.append([a, b, c]) }
            }
        }
        return triples
    }()

    /// Σ_ij W_ijk W_ijk' = δ/(2l₃ + 1), and W does not change under rotations of its three indices.
    @Test func threeJSymbols() {
        let rotation = Rotation(seed: 3)
        let matrices = (0...4).map(rotation.wigner)
        for l in Self.triples {
            let symbol = WignerThreeJ(l[0], l[1], l[2])
            let n = l.map { 2 * $0 + 1 }
            var dense = [Double](repeating: 0, count: n[0] * n[1] * n[2])
            var rotated = dense
            for entry in symbol.entries {
                let (i, j, k) = (entry.components[0], entry.components[1], entry.components[2])
                let place = (i * n[1] + j) * n[2] + k
                dense[place] = entry.value
                for a in 0..<n[0] {
                    for b in 0..<n[1] {
                        let value = entry.value * matrices[l[0]][a][i] * matrices[l[1]][b][j]
                        let row = (a * n[1] + b) * n[2]
                        for c in 0..<n[2] { rotated[row + c] += value * matrices[l[2]][c][k] }
                    }
                }
            }
            #expect(largestDifference(dense, rotated) < 1e-13, "rotation of \(l)")
            let slices = (0..<n[2]).map { c in (0..<n[0] * n[1]).map { dense[$0 * n[2] + c] } }
            for (c, slice) in slices.enumerated() {
                for (d, other) in slices.enumerated() {
                    let expected = c == d ? 1 / Double(n[2]) : 0
                    #expect((dot(slice, other) - expected).magnitude < 1e-14, "orthogonality of \(l)")
                }
            }
        }
        #expect(WignerThreeJ(1, 1, 3).entries.isEmpty)
        // Vectors: the scalar product and the cross product.
        #expect(WignerThreeJ(1, 1, 0).entries.map(\.components) == [[0, 0, 0], [1, 1, 0], [2, 2, 0]])
        #expect(WignerThreeJ(1, 1, 1).entries.map(\.components).first == [0, 1, 2])
    }

    /// Degree l of the harmonics follows from degrees l − 1 and 1 by a Clebsch–Gordan product, up to a factor.
    @Test func productsOfHarmonics() {
        let v = [0.3, -0.7, 0.5]
        for l in 2...4 {
            let symbol = WignerThreeJ(l - 1, 1, l)
            let (a, b) = (SolidHarmonics.polynomials(degree: l - 1), SolidHarmonics.polynomials(degree: 1))
            var product = [Double](repeating: 0, count: 2 * l + 1)
            for entry in symbol.entries {
                let (left, right) = (a[entry.components[0]](v), b[entry.components[1]](v))
                product[entry.components[2]] += entry.value * left * right
            }
            let expected = SolidHarmonics.polynomials(degree: l).map { $0(v) }
            let factor = product[l] / expected[l]
            #expect(factor > 0)
            #expect(largestDifference(product, expected.map { factor * $0 }) < 1e-14)
        }
    }

    static let symmetric = [
        (3, Irrep.natural(0), 4), (3, .natural(1), 3), (2, .natural(2), 3), (2, .natural(1), 4), (1, .natural(1), 3),
        (2, Irrep(degree: 1, isOdd: false), 3), (3, .natural(3), 2),
    ]

    /// Products of rotated features are rotated products, the paths are what the basis says, and the basis is independent.
    @Test(arguments: symmetric) func symmetricProducts(_ degree: Int, _ result: Irrep, _ count: Int) {
        let features = Irreps(upTo: degree)
        let product = SymmetricProduct(of: features, to: result, count: count)
        #expect(product.basis.count <= product.paths.count && !product.basis.isEmpty)
        let rotation = Rotation(seed: 8)
        var random = SeededGenerator(seed: 4)
        let x: [Double] = (0..<features.components).map { _ in 2 * random.uniform() - 1 }
        var rotated: [Double] = []
        for (irrep, range) in zip(features.blocks, features.ranges) {
            rotated += rotation.wigner(degree: irrep.degree).map { dot($0, Array(x[range])) }
        }
        let d = rotation.wigner(degree: result.degree)
        for (k, path) in product.paths.enumerated() {
            let values = path.map { $0(x) }
            #expect(largestDifference(path.map { $0(rotated) }, d.map { dot($0, values) }) < 1e-11, "path \(k)")
            var sums = [Double](repeating: 0, count: path.count)
            for (basis, shares) in zip(product.basis, product.reduction) {
                for m in path.indices { sums[m] += shares[k] * basis[m](x) }
            }
            #expect(largestDifference(values, sums) < 1e-11, "path \(k) in the basis")
        }
        // Each element of the basis has a monomial of its own.
        for r in product.basis.indices {
            let own = product.basis[r].enumerated().contains { m, polynomial in
                polynomial.terms.contains { term in
                    let others = product.basis.indices.filter { $0 != r }
                    let isOwn = others.allSatisfy { product.basis[$0][m][term.monomial] == 0 }
                    return isOwn && (term.coefficient - 1).magnitude < 1e-12
                }
            }
            #expect(own, "basis \(r)")
        }
    }
}
