import ApusSystem

/// The real solid harmonics R_lm(v) = |v|^l Y_lm(v/|v|) of degrees 0 to L, as polynomials of the components of v.
///
/// Components are ordered by degree and m = −l … l (`Irreps(upTo: L)`), normalised by Σ_m Y_lm² = 2l + 1, with the polar axis y:
/// 1, √3 x, √3 y, √3 z, √15 xz, … (as in e3nn; `SolidHarmonics`). Those of a unit vector are the spherical harmonics.
///
/// - Parameter v: any rows, `[3, 1]`.
/// - Returns: the rows of `v`, `[(L + 1)², 1]`.
public func solidHarmonics(_ v: Tensor, upTo degree: Int) -> Tensor {
    require(v.shape == .vector && degree >= 0, "harmonics of '\(v)' up to degree \(degree): one vector a row is needed")
    return v.graph.node(
        HarmonicFunctions(degree: degree), [v], rows: v.rows, shape: Shape(components: (degree + 1) * (degree + 1)))
}

/// R_0 … R_L. The gradient is a constant combination of harmonics one degree lower, so ∂v is a coupling of d and the output.
package struct HarmonicFunctions: Operation {
    package let degree: Int
    package var label: String { "harmonics" }
    package var kind: OperationKind { .basis }

    /// Factors N_lm, m = 0 … l, for one degree after another.
    package var norms: [Double] {
        (0...degree).flatMap { l in (0...l).map { SolidHarmonics.normalization(degree: l, order: $0) } }
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        degree == 0 ? [nil] : [coupled(.solidHarmonicGradient(degree: degree), d, output)]
    }

    /// The recurrence and the product with the azimuth's part.
    package func work(of output: Tensor) -> Work { Work(rows: output.rows, other: 6 * Double(output.shape.count)) }
}
