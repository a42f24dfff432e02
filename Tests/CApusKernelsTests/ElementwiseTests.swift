import CApusKernels
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Element-wise kernels, separate and in place, for every length up to a few vectors.
@Suite struct ElementwiseTests {
    @Test(arguments: Variant.all) func linear(_ variant: Variant) throws { try variant.run(Linear()) }
    @Test(arguments: Variant.all) func functions(_ variant: Variant) throws { try variant.run(Functions()) }
    @Test(arguments: Variant.all) func everyLength(_ variant: Variant) throws { try variant.run(EveryLength()) }
    @Test(arguments: Variant.all) func notANumberStays(_ variant: Variant) throws { try variant.run(NotANumber()) }

    private struct Linear: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 10)
            for n in 0...67 {
                let memory = Memory()
                defer { memory.release() }
                let a: [Real] = random.reals(n)
                let b: [Real] = random.reals(n)
                let sums = zip(a, b).map { a, b in
                    var sum = Sum(Double(a))
                    sum.add(-0.75 * Double(b))
                    return sum
                }
                let (x, y, out) = (memory.copy(a), memory.copy(b), memory.copy([Real](repeating: .nan, count: n)))
                kernels.add_scaled(n, x.start, -0.75, y.start, out.start)
                expect(out, equals: sums, "add_scaled n=\(n)")
                kernels.add_scaled(n, x.start, -0.75, y.start, y.start)
                expect(y, equals: sums, "add_scaled n=\(n) in place of b")
                kernels.add_scaled(n, x.start, -0.75, memory.copy(b).start, x.start)
                expect(x, equals: sums, "add_scaled n=\(n) in place of a")

                let shifted = a.map { a in
                    var sum = Sum(1.5 * Double(a))
                    sum.add(0.25)
                    return sum
                }
                let z = memory.copy(a)
                kernels.affine(n, z.start, 1.5, 0.25, out.start)
                expect(out, equals: shifted, "affine n=\(n)")
                kernels.affine(n, z.start, 1.5, 0.25, z.start)
                expect(z, equals: shifted, "affine n=\(n) in place")
            }
        }
    }

    private struct Functions: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 11)
            let powers = (-120...13).flatMap { [exp2(Double($0)), 1.3 * exp2(Double($0))] }
            let signed = [0, 1e4, 87.3, 87.4, 88, 104, 708, 709, 745] + powers
            let grid = stride(from: -30.0, through: 30, by: 0.0137).map { $0 }
            let drawn: [Real] = random.reals(400, in: -110...110)
            let points = signed.map { Real($0) } + signed.map { Real(-$0) } + grid.map { Real($0) } + drawn
            let positive = points.filter { $0 > 0 }
            for (function, inputs) in ScalarFunction.all.map({ ($0, $0.positiveOnly ? positive : points) }) {
                let memory = Memory()
                defer { memory.release() }
                let out = memory.copy(inputs)
                kernels.function(function.kind, function.order, inputs.count, out.start, out.start)
                out.expectUntouchedFront(function.name)
                for (x, value) in zip(inputs, out.values) {
                    let (reference, magnitude) = function.reference(Double(x))
                    // 4 ulp and 2 for the reference, of the largest term where terms cancel; an ulp is at most eps times
                    // the value. An exponential below the smallest normal number may be flushed to zero, and the factors
                    // beside it reach 2 + |x|.
                    let flushed = (2 + abs(Double(x))) * Double(Real.leastNormalMagnitude)
                    let bound = 6 * Double(Real.ulpOfOne) * magnitude + flushed
                    if !(abs(Double(value) - reference) <= bound) {
                        Issue.record("\(function.name)(\(x)) is \(value), expected \(reference) ± \(bound)")
                        break
                    }
                }
            }
        }
    }

    private struct EveryLength: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 12)
            let a: [Real] = random.reals(67, in: 0.5...2)
            for function in ScalarFunction.all {
                let memory = Memory()
                defer { memory.release() }
                let whole = memory.copy(a)
                kernels.function(function.kind, function.order, a.count, whole.start, whole.start)
                for n in 0...66 {
                    let out = memory.copy([Real](repeating: .nan, count: n))
                    kernels.function(function.kind, function.order, n, memory.copy(Array(a[..<n])).start, out.start)
                    expect(out, isExactly: Array(whole.values[..<n]), "\(function.name) n=\(n)")
                }
            }
        }
    }

    private struct NotANumber: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            for function in ScalarFunction.all {
                let memory = Memory()
                defer { memory.release() }
                let out = memory.copy([Real](repeating: .nan, count: 19))
                kernels.function(function.kind, function.order, 19, out.start, out.start)
                #expect(out.values.allSatisfy { $0.isNaN }, "\(function.name)")
            }
        }
    }
}

/// A function of `apus_kernels.function` with its value in double precision and the size of its largest term.
private struct ScalarFunction: Sendable {
    let name: String
    let kind: Int32
    let order: Int32
    let positiveOnly: Bool
    let reference: @Sendable (Double) -> (value: Double, magnitude: Double)

    init(
        _ name: String, _ kind: Int, _ order: Int32, positiveOnly: Bool = false,
        _ reference: @escaping @Sendable (Double) -> (Double, Double)
    ) {
        (self.name, self.kind, self.order) = (name, Int32(kind), order)
        (self.positiveOnly, self.reference) = (positiveOnly, reference)
    }

    static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    static func relative(_ value: Double) -> (Double, Double) { (value, abs(value)) }

    /// σ(x)(1 − σ(x)), which is even.
    static func slope(_ x: Double) -> Double { exp(-abs(x)) / ((1 + exp(-abs(x))) * (1 + exp(-abs(x)))) }

    static let all: [ScalarFunction] = [
        // ln((1 + eˣ)/2), written so that nothing cancels near zero
        ScalarFunction("shifted softplus", APUS_SHIFTED_SOFTPLUS, 0) {
            relative(max($0, 0) + log1p(expm1(-abs($0)) / 2))
        },
        ScalarFunction("shifted softplus'", APUS_SHIFTED_SOFTPLUS, 1) { relative(sigmoid($0)) },
        ScalarFunction("shifted softplus''", APUS_SHIFTED_SOFTPLUS, 2) { relative(slope($0)) },
        ScalarFunction("silu", APUS_SILU, 0) { relative($0 * sigmoid($0)) },
        ScalarFunction("silu'", APUS_SILU, 1) {
            (sigmoid($0) * (1 + $0 * sigmoid(-$0)), sigmoid($0) * (1 + abs($0) * sigmoid(-$0)))
        },
        ScalarFunction("silu''", APUS_SILU, 2) { (slope($0) * (2 - $0 * tanh($0 / 2)), slope($0) * (2 + abs($0))) },
        ScalarFunction("sigmoid", APUS_SIGMOID, 0) { relative(sigmoid($0)) },
        ScalarFunction("rectifier", APUS_RECTIFIER, 0) { relative(max($0, 0)) },
        ScalarFunction("rectifier'", APUS_RECTIFIER, 1) { relative($0 > 0 ? 1 : 0) },
        ScalarFunction("negative exponential", APUS_NEGATIVE_EXPONENTIAL, 0) { relative($0 > 0 ? 0 : expm1($0)) },
        ScalarFunction("negative exponential'", APUS_NEGATIVE_EXPONENTIAL, 1) { relative($0 > 0 ? 0 : exp($0)) },
        // The rounding of x², half an ulp, changes e^(−x²/2) by up to x²/4 ulp of it.
        ScalarFunction("normal distribution", APUS_NORMAL_DISTRIBUTION, 0) {
            let value = 0.5 * erfc(-$0 * 0.5.squareRoot())
            return (value, value * (1 + ($0 < 0 ? $0 * $0 : 0)))
        },
        ScalarFunction("normal distribution'", APUS_NORMAL_DISTRIBUTION, 1) {
            let value = exp(-0.5 * $0 * $0) / (2 * Double.pi).squareRoot()
            return (value, value * (1 + $0 * $0))
        },
        ScalarFunction("square root", APUS_SQUARE_ROOT, 0, positiveOnly: true) { relative($0.squareRoot()) },
        ScalarFunction("reciprocal", APUS_RECIPROCAL, 0, positiveOnly: true) { relative(1 / $0) },
        ScalarFunction("absolute", APUS_ABSOLUTE, 0) { relative(abs($0)) },
        ScalarFunction("sign", APUS_ABSOLUTE, 1) { relative($0 == 0 ? 0 : $0 < 0 ? -1 : 1) },
        ScalarFunction("clamp", APUS_CLAMP, 0) { relative(min(1, max(-1, $0))) },
        ScalarFunction("clamp'", APUS_CLAMP, 1) { relative(abs($0) < 1 ? 1 : 0) },
    ]
}
