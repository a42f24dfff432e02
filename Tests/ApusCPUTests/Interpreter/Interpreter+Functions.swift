@testable import ApusCPU
@testable import ApusGraph

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension ElementWise {
    /// The function from its definition; slopes of the activations and of their derivatives are at most 1.1.
    func value(_ x: Estimate) -> Estimate {
        let v = x.value
        let s = 1 / (1 + exp(-v))
        switch (function, order) {
        case (.shiftedSoftplus, 0):
            return x.applying(max(v, 0) + log(0.5 + 0.5 * exp(-v.magnitude)), slope: 1.1, size: 1)
        case (.shiftedSoftplus, 1): return x.applying(s, slope: 1.1, size: 1)
        case (.shiftedSoftplus, _): return x.applying(s * (1 - s), slope: 1.1, size: 1)
        case (.silu, 0): return x.applying(v * s, slope: 1.1, size: 1)
        case (.silu, 1): return x.applying(s + v * s * (1 - s), slope: 1.1, size: 1)
        case (.silu, _): return x.applying(s * (1 - s) * (2 + v * (1 - 2 * s)), slope: 1.1, size: 1)
        case (.rectifier, 0): return x.applying(max(v, 0), slope: 1, size: 0)
        case (.rectifier, _): return x.applying(v > 0 ? 1 : 0, slope: 0, size: 0)
        case (.negativeExponential, 0): return x.applying(expm1(min(v, 0)), slope: 1, size: 0)
        case (.negativeExponential, _): return x.applying(v > 0 ? 0 : exp(v), slope: 1, size: 0)
        case (.normalDistribution, 0): return x.applying(0.5 * erfc(-v * 0.5.squareRoot()), slope: 0.4, size: 1)
        case (.normalDistribution, _):
            return x.applying(exp(-0.5 * v * v) / (2 * Double.pi).squareRoot(), slope: 0.3, size: 1)
        case (.squareRoot, _): return x.applying(v.squareRoot(), slope: 0.5 / v.squareRoot(), size: 0)
        case (.reciprocal, _): return x.applying(1 / v, slope: 1 / (v * v), size: 0)
        case (.absolute, 0): return x.applying(abs(v), slope: 1, size: 0)
        case (.absolute, _): return x.applying(v == 0 ? 0 : v < 0 ? -1 : 1, slope: 0, size: 0)
        case (.clamp, 0): return x.applying(min(1, max(-1, v)), slope: 1, size: 0)
        case (.clamp, _): return x.applying(abs(v) < 1 ? 1 : 0, slope: 0, size: 0)
        }
    }
}

extension GaussianBasis {
    /// One row, with Hermite polynomials: the n-th derivative of e^(−γu²) is (−√γ)ⁿ H_n(√γ u) e^(−γu²).
    func row(_ distance: Estimate, centers: [Estimate], gammas: [Estimate]) -> [Estimate] {
        let row = zip(centers, gammas).map { center, gamma in
            let (u, root) = (distance.value - center.value, gamma.value.squareRoot())
            func derivative(_ n: Int) -> Double {
                pow(-root, Double(n)) * hermite(n, root * u) * exp(-gamma.value * u * u)
            }
            let shifted = Estimate(
                value: u, error: distance.error + (distance.value.magnitude + center.value.magnitude))
            let size = pow(gamma.value, Double(order) / 2) * pow(2, Double(order)) * 12
            return shifted.applying(derivative(order), slope: derivative(order + 1), size: size)
        }
        return withConstant ? row + [Estimate(value: order == 0 ? 1 : 0)] : row
    }

    private func hermite(_ n: Int, _ x: Double) -> Double {
        n == 0 ? 1 : n == 1 ? 2 * x : 2 * x * hermite(n - 1, x) - 2 * Double(n - 1) * hermite(n - 2, x)
    }
}

extension CosineCutoff {
    /// (cos(π d / r) + 1)/2 up to the radius, zero beyond; each derivative shifts the phase by π/2.
    func value(_ distance: Estimate) -> Estimate {
        guard distance.value <= radius else { return .zero }
        let factor = 0.5 * pow(.pi / radius, Double(order))
        let phase = .pi * (distance.value / radius + 0.5 * Double(order))
        let value = factor * cos(phase) + (order == 0 ? 0.5 : 0)
        return distance.applying(value, slope: factor * .pi / radius, size: factor)
    }
}

extension HarmonicFunctions {
    /// The polynomials, term by term.
    func values(of vectors: [Estimate]) -> [Estimate] {
        stride(from: 0, to: vectors.count, by: 3).flatMap { first in
            (0...degree).flatMap { l in
                SolidHarmonics.polynomials(degree: l).map { polynomial in
                    polynomial.terms.reduce(Estimate.zero) { sum, term in
                        let start = Estimate(value: term.coefficient, error: term.coefficient.magnitude)
                        return sum + term.monomial.factors.reduce(start) { $0 * vectors[first + $1] }
                    }
                }
            }
        }
    }
}
