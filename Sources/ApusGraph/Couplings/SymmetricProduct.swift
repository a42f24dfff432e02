import ApusSystem

/// All ways to couple ν copies of the same features to one irreducible representation: the symmetric contraction of MACE
/// (Batatia et al. 2022, arXiv 2206.07697, eq. 10 and 11), with generalised Clebsch–Gordan coefficients.
///
/// A *path* couples the blocks of the first copy to those of the second by 3j symbols, the result to those of the third, and
/// so on. Its value is a polynomial of the features, and only the symmetric part of the coefficients counts. Symmetric paths
/// depend linearly on each other; `basis` holds independent ones:
/// Σ_k w_k path_k = Σ_r (Σ_k `reduction`[r, k] w_k) basis_r.
package struct SymmetricProduct: Sendable {
    /// The polynomials of each path: 2L + 1 in the components of the features.
    package let paths: [[Polynomial]]
    /// Independent combinations of the paths, with few terms.
    package let basis: [[Polynomial]]
    /// The coefficients of each path (column) in the basis (row).
    package let reduction: [[Double]]

    /// The products of ν copies of features that have each irreducible representation at most once, in ascending order.
    ///
    /// Paths are in the order of mace-torch 0.3 without reduced coefficients, which leaves out representations that are not
    /// natural on the way from ν = 4 on.
    package init(of features: Irreps, to result: Irrep, count: Int) {
        require(count >= 1, "a product has at least one factor")
        let largest = features.blocks.map(\.degree).max() ?? 0
        var symbols: [[Int]: WignerThreeJ] = [:]
        var current = zip(features.blocks, features.ranges).map { irrep, range in
            (irrep: irrep, polynomials: range.map { Polynomial.one * $0 })
        }
        for factors in stride(from: 2, through: count, by: 1) {
            // Each factor that is still to come changes the degree by no more than the largest one.
            let reachable = result.degree + (count - factors) * largest
            var next: [(irrep: Irrep, polynomials: [Polynomial])] = []
            for path in current {
                for (block, range) in zip(features.blocks, features.ranges) {
                    for irrep in path.irrep * block where irrep.degree <= reachable {
                        if factors == count && irrep != result || count >= 4 && !irrep.isNatural { continue }
                        let degrees = [irrep.degree, path.irrep.degree, block.degree]
                        let symbol = symbols[degrees] ?? WignerThreeJ(degrees[0], degrees[1], degrees[2])
                        symbols[degrees] = symbol
                        var sums = [Polynomial](repeating: .zero, count: irrep.dimension)
                        for entry in symbol.entries {
                            let (o, a, m) = (entry.components[0], entry.components[1], entry.components[2])
                            let scale = Double(irrep.dimension).squareRoot() * entry.value
                            sums[o] = sums[o] + scale * (path.polynomials[a] * (range.lowerBound + m))
                        }
                        next.append((irrep, sums.map { $0.removingZeros() }))
                    }
                }
            }
            // A stable sort: paths to the same representation keep their order.
            current = next.enumerated().sorted { ($0.element.irrep, $0.offset) < ($1.element.irrep, $1.offset) }
                .map(\.element)
        }
        paths = current.filter { $0.irrep == result }.map(\.polynomials)
        (basis, reduction) = Self.reduce(paths)
    }

    /// Independent combinations in reduced row echelon form, by Gauss–Jordan elimination with complete pivoting: each has a
    /// coefficient that is one in it and zero in the others, and that is its share of a path.
    private static func reduce(_ paths: [[Polynomial]]) -> (basis: [[Polynomial]], reduction: [[Double]]) {
        var rest = paths
        var basis: [[Polynomial]] = []
        var pivots: [(component: Int, monomial: Monomial)] = []
        while let (row, component, term) = largestTerm(of: rest), term.coefficient.magnitude > 1e-9 {
            let pivot = rest.remove(at: row).map { 1 / term.coefficient * $0 }
            pivots.append((component, term.monomial))
            rest = rest.map { eliminating(pivot, component, term.monomial, from: $0) }
            basis = basis.map { eliminating(pivot, component, term.monomial, from: $0) } + [pivot]
        }
        return (basis, pivots.map { pivot in paths.map { $0[pivot.component][pivot.monomial] } })
    }

    private static func largestTerm(
        of rows: [[Polynomial]]
    ) -> (row: Int, component: Int, term: Polynomial.Term)? {
        var largest: (row: Int, component: Int, term: Polynomial.Term)?
        for (row, polynomials) in rows.enumerated() {
            for (component, polynomial) in polynomials.enumerated() {
                for term in polynomial.terms
                // Rounding must not decide between equal terms.
                where term.coefficient.magnitude > (largest?.term.coefficient.magnitude ?? 0) * (1 + 1e-9) {
                    largest = (row, component, term)
                }
            }
        }
        return largest
    }

    private static func eliminating(
        _ pivot: [Polynomial], _ component: Int, _ monomial: Monomial, from row: [Polynomial]
    ) -> [Polynomial] {
        let factor = row[component][monomial]
        guard factor != 0 else { return row }
        return zip(row, pivot).map { ($0 + -factor * $1).removingZeros() }
    }
}
