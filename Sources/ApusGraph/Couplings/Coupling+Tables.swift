import ApusSystem

extension Coupling {
    /// The components from a range, out[c] = x[first + c].
    static func slice(_ range: Range<Int>, of count: Int) -> Coupling {
        Coupling(extents: [range.count, count], terms: range.enumerated().map { Term([$0.offset, $0.element]) })
    }

    /// A linear map of the components, out[r] = Σ_k matrix[r][k] x[k].
    static func linearMap(_ matrix: [[Double]]) -> Coupling {
        Coupling(
            extents: [matrix.count, matrix[0].count],
            terms: matrix.enumerated().flatMap { r, row in row.enumerated().map { Term([r, $0.offset], $0.element) } })
    }

    /// The product of n × n matrices whose components are in row-major order, out = A B.
    public static func matrixProduct(_ n: Int = 3) -> Coupling {
        let indices = 0..<n
        return Coupling(
            extents: [n * n, n * n, n * n],
            terms: indices.flatMap { i in
                indices.flatMap { k in indices.map { j in Term([n * i + j, n * i + k, n * k + j]) } }
            })
    }

    /// The products of two sets of features that transform as given irreducible representations: every *path* couples a
    /// block of each to one of the representations wanted, out = √(2l + 1) Σ W(l₁, l₂, l) a b (`WignerThreeJ`).
    ///
    /// A path has its own block in the result; blocks are sorted by representation, and paths to the same one come in the
    /// order of the left and then of the right blocks. Terms with odd blocks on the right are odd: over pairs, the right
    /// argument is a function of the vector between the atoms.
    ///
    /// - Parameter weighted: whether a fourth argument has a factor for each path.
    /// - Returns: the form of the result, the left and the right argument and the weights; the layout of the result.
    public static func clebschGordan(
        _ left: Irreps, _ right: Irreps, to wanted: some Sequence<Irrep>, weighted: Bool = false
    ) -> (coupling: Coupling, result: Irreps) {
        let wanted = Set(wanted)
        var paths: [(irrep: Irrep, left: Int, right: Int)] = []
        for (a, first) in left.blocks.enumerated() {
            for (b, second) in right.blocks.enumerated() {
                for irrep in first * second where wanted.contains(irrep) { paths.append((irrep, a, b)) }
            }
        }
        paths = paths.enumerated().sorted { ($0.element.irrep, $0.offset) < ($1.element.irrep, $1.offset) }
            .map(\.element)
        require(!paths.isEmpty, "no product of \(left) and \(right) has a representation that is wanted")
        let result = Irreps(paths.map(\.irrep))
        var terms: [Term] = []
        for (number, (path, range)) in zip(paths, result.ranges).enumerated() {
            let (first, second) = (left.blocks[path.left], right.blocks[path.right])
            let (a, b) = (left.ranges[path.left].lowerBound, right.ranges[path.right].lowerBound)
            let scale = Double(path.irrep.dimension).squareRoot()
            for entry in WignerThreeJ(first.degree, second.degree, path.irrep.degree).entries {
                let (i, j, k) = (entry.components[0], entry.components[1], entry.components[2])
                terms.append(
                    Term(
                        [range.lowerBound + k, a + i, b + j] + (weighted ? [number] : []), scale * entry.value,
                        isOdd: second.isOdd))
            }
        }
        let extents = [result.components, left.components, right.components] + (weighted ? [paths.count] : [])
        return (Coupling(extents: extents, terms: terms), result)
    }

    /// Independent symmetric products of ν copies of the same features (`SymmetricProduct`), each with a weight:
    /// out = Σ_r w[r] basis_r(x, …, x).
    ///
    /// - Returns: the form of the result, the weights and ν times the features; what brings weights of MACE's paths into
    ///   those of the form, w[r] = Σ_k `reduction`[r][k] w_path[k]. Nil where no product has the representation.
    public static func symmetricProduct(
        of features: Irreps, to result: Irrep, count: Int
    ) -> (coupling: Coupling, reduction: [[Double]])? {
        let product = SymmetricProduct(of: features, to: result, count: count)
        guard !product.basis.isEmpty else { return nil }
        let terms = product.basis.enumerated().flatMap { r, polynomials in
            polynomials.enumerated().flatMap { m, polynomial in
                polynomial.terms.map { Term([m, r] + $0.monomial.factors, $0.coefficient) }
            }
        }
        let extents =
            [result.dimension, product.basis.count]
            + [Int](repeating: features.components, count: count)
        return (Coupling(extents: extents, terms: terms), product.reduction)
    }

    /// The gradient of the solid harmonics up to a degree, contracted with a cotangent: out[a] = Σ d[lm] ∂R_lm/∂r_a, from
    /// the harmonics R up to the same degree.
    static func solidHarmonicGradient(degree: Int) -> Coupling {
        let count = (degree + 1) * (degree + 1)
        let terms = (0...degree).flatMap { l in
            SolidHarmonics.gradient(degree: l).map { slope in
                Term(
                    [
                        slope.axis, SolidHarmonics.component(degree: l, order: slope.order),
                        SolidHarmonics.component(degree: l - 1, order: slope.lowerOrder),
                    ], slope.value)
            }
        }
        return Coupling(extents: [3, count, count], terms: terms)
    }
}
