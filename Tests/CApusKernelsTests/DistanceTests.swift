import CApusKernels
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Gaussian basis and cosine cutoff with their derivatives.
@Suite struct DistanceTests {
    @Test(arguments: Variant.all) func gaussianBasis(_ variant: Variant) throws { try variant.run(GaussianBasis()) }
    @Test(arguments: Variant.all) func cosineCutoff(_ variant: Variant) throws { try variant.run(CosineCutoff()) }
    @Test(arguments: Variant.all) func notANumberStays(_ variant: Variant) throws { try variant.run(NotANumber()) }

    private struct GaussianBasis: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 13)
            for (count, constant) in [(1, 0), (3, 1), (7, 1), (20, 0), (20, 1), (64, 0), (16, 1)] {
                for order in 0...4 {
                    check(kernels, Real.self, count, constant, order, &random)
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ count: Int, _ constant: Int, _ order: Int, _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let d: [Real] = random.reals(29, in: 0...10)
            let center: [Real] = random.reals(count, in: 0...10)
            let gamma: [Real] = random.reals(count, in: 0.1...12)
            let width = count + constant
            let out = memory.copy([Real](repeating: .nan, count: d.count * width))
            kernels.gaussian_basis(
                d.count, count, memory.copy(d).start, memory.copy(center).start, memory.copy(gamma).start, Int32(order),
                Int32(constant), out.start)
            let place = "gaussian_basis K=\(count) constant=\(constant) order=\(order)"
            out.expectUntouchedFront(place)
            let values = out.values
            for (p, d) in d.enumerated() {
                if constant == 1 { #expect(values[p * width + count] == (order == 0 ? 1 : 0), "\(place)") }
                for k in 0..<count {
                    let (g, u) = (Double(gamma[k]), Double(d) - Double(center[k]))
                    let terms = Self.terms(order, g, u)
                    let reference = terms.reduce(0, +) * exp(-g * u * u)
                    let magnitude = terms.reduce(0) { $0 + abs($1) }
                    // The exponent γu² is rounded three times in working precision, which multiplies the result by
                    // 1 + 3 eps γu²; exponential and polynomial cost 12 eps. Below the smallest normal number: zero.
                    let bound =
                        magnitude
                        * ((12 + 3 * g * u * u) * Double(Real.ulpOfOne) * exp(-g * u * u)
                            + Double(Real.leastNormalMagnitude))
                    #expect(abs(Double(values[p * width + k]) - reference) <= bound, "\(place) d=\(d)")
                }
            }
        }

        /// The terms whose sum times exp(−γu²) is dⁿ/duⁿ exp(−γu²).
        static func terms(_ order: Int, _ g: Double, _ u: Double) -> [Double] {
            switch order {
            case 0: [1]
            case 1: [-2 * g * u]
            case 2: [4 * g * g * u * u, -2 * g]
            case 3: [-8 * g * g * g * u * u * u, 12 * g * g * u]
            default: [16 * g * g * g * g * u * u * u * u, -48 * g * g * g * u * u, 12 * g * g]
            }
        }
    }

    private struct CosineCutoff: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 14)
            for cutoff in [0.5, 5] {
                let edges = [0, cutoff / 2, cutoff, 2 * cutoff].map { Real($0) } + [Real(cutoff).nextDown]
                let d = edges + random.reals(58, in: 0...(1.2 * cutoff))
                for order in 0...6 {
                    let memory = Memory()
                    defer { memory.release() }
                    let out = memory.copy([Real](repeating: .nan, count: d.count))
                    kernels.cosine_cutoff(d.count, memory.copy(d).start, cutoff, Int32(order), out.start)
                    let place = "cosine_cutoff \(cutoff) order=\(order)"
                    out.expectUntouchedFront(place)
                    for (d, value) in zip(d, out.values) {
                        let (reference, magnitude) = Self.reference(Double(d), cutoff, order)
                        // 8 eps: three roundings in each argument, which the functions here do not amplify, and theirs.
                        let bound = 8 * Double(Real.ulpOfOne) * magnitude
                        #expect(abs(Double(value) - reference) <= bound, "\(place) d=\(d)")
                    }
                }
            }
        }

        /// Order 0 is sin²(π(1 − d/cutoff)/2), accurate where it vanishes; the others are as accurate as their amplitude.
        static func reference(_ d: Double, _ cutoff: Double, _ order: Int) -> (value: Double, magnitude: Double) {
            guard d <= cutoff else { return (0, 0) }
            let sine = sin(Double.pi / 2 * ((cutoff - d) / cutoff))
            if order == 0 { return (sine * sine, sine * sine) }
            let amplitude = pow(Double.pi / cutoff, Double(order)) / 2
            let angle = Double.pi * d / cutoff
            return (amplitude * [cos(angle), -sin(angle), -cos(angle), sin(angle)][order % 4], amplitude)
        }
    }

    private struct NotANumber: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            let memory = Memory()
            defer { memory.release() }
            let (d, one) = (memory.copy([Real.nan]), memory.copy([Real(1)]))
            for order: Int32 in 0...4 {
                let out = memory.copy([Real(0)])
                kernels.gaussian_basis(1, 1, d.start, one.start, one.start, order, 0, out.start)
                #expect(out.values[0].isNaN, "gaussian_basis order=\(order)")
                out.start[0] = 0
                kernels.cosine_cutoff(1, d.start, 5, order, out.start)
                #expect(out.values[0].isNaN, "cosine_cutoff order=\(order)")
            }
        }
    }
}
