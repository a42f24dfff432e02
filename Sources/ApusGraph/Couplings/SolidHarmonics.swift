/// The real solid harmonics R_lm(r) = |r|^l Y_lm(r/|r|) as polynomials of x, y, z.
///
/// They are normalised by component, Σ_m Y_lm(u)² = 2l + 1 for a unit vector u (Y_00 = 1, Y_1 = √3 (x, y, z)), without the
/// phase of Condon and Shortley. The polar axis is y and the azimuth starts at z, so that degree 1 has the order x, y, z (as in
/// e3nn): R_l±m = N Π_lm(y, r) {Re, Im} (z + ix)^m for m ≥ 0 with N = √((2l + 1)(2 − δ_m0)(l − m)!/(l + m)!), where Π_lm is
/// the m-th derivative of the Legendre polynomial, made homogeneous (Helgaker, Jørgensen and Olsen, Molecular
/// Electronic-Structure Theory, §6.4).
///
/// The gradient of a solid harmonic is a sum of those one degree lower, so they are closed under differentiation.
enum SolidHarmonics {
    /// The position of R_lm among the components of degrees 0, 1, 2, …
    static func component(degree l: Int, order m: Int) -> Int { l * l + l + m }

    /// N for m ≥ 0.
    static func normalization(degree l: Int, order m: Int) -> Double {
        (Double((2 * l + 1) * (m == 0 ? 1 : 2)) * factorial(l - m) / factorial(l + m)).squareRoot()
    }

    /// The polynomials of one degree, m = −l … l, in the variables 0, 1, 2 for x, y, z.
    static func polynomials(degree l: Int) -> [Polynomial] {
        (-l...l).map { m in
            let azimuth = powers(abs(m))
            let start = m < 0 ? azimuth.imaginary : azimuth.real
            return normalization(degree: l, order: abs(m)) * legendre(l, abs(m), times: start)
        }
    }

    /// ∂R_lm/∂r_a = Σ_m' G R_(l−1)m': the coefficients G that are not zero.
    ///
    /// Harmonic polynomials are orthogonal under `Polynomial.inner`, so the coefficients are projections.
    static func gradient(degree l: Int) -> [(order: Int, axis: Int, lowerOrder: Int, value: Double)] {
        guard l > 0 else { return [] }
        let lower = polynomials(degree: l - 1)
        var coefficients: [(order: Int, axis: Int, lowerOrder: Int, value: Double)] = []
        for (m, polynomial) in zip(-l...l, polynomials(degree: l)) {
            for axis in 0..<3 {
                let slope = polynomial.derivative(by: axis)
                for (n, base) in zip(1 - l...l - 1, lower) {
                    let value = slope.inner(base) / base.inner(base)
                    if value.magnitude > 1e-12 { coefficients.append((m, axis, n, value)) }
                }
            }
        }
        return coefficients
    }

    /// Re and Im of (z + ix)^m.
    private static func powers(_ m: Int) -> (real: Polynomial, imaginary: Polynomial) {
        let (x, z) = (0, 2)
        var (real, imaginary) = (Polynomial.one, Polynomial.zero)
        for _ in 0..<m {
            let minus: Polynomial = -1 * (imaginary * x)
            let (turned, same): (Polynomial, Polynomial) = (real * x, imaginary * z)
            real = real * z + minus
            imaginary = same + turned
        }
        return (real, imaginary)
    }

    /// Π_lm p by (l − m) Π_lm = (2l − 1) y Π_(l−1)m − (l + m − 1) r² Π_(l−2)m from Π_mm = (2m − 1)!!.
    private static func legendre(_ l: Int, _ m: Int, times p: Polynomial) -> Polynomial {
        let y = 1
        let start = (0..<m).reduce(1.0) { $0 * Double(2 * $1 + 1) }
        var (last, current): (Polynomial, Polynomial) = (.zero, start * p)
        for degree in m..<l {
            let square = (0..<3).reduce(Polynomial.zero) { sum, axis in sum + (last * axis) * axis }
            let first: Polynomial = Double(2 * degree + 1) * (current * y)
            let second: Polynomial = -Double(degree + m) * square
            (last, current) = (current, 1 / Double(degree + 1 - m) * (first + second))
        }
        return current.removingZeros()
    }
}
