import CApusKernels
import Testing

/// The AdamW step, the sum of squares and the peak measurement.
@Suite struct OptimizerTests {
    @Test(arguments: Variant.all) func step(_ variant: Variant) throws { try variant.run(Step()) }
    @Test(arguments: Variant.all) func sumOfSquares(_ variant: Variant) throws { try variant.run(SumOfSquares()) }
    @Test(arguments: Variant.all) func peak(_ variant: Variant) throws { try variant.run(Peak()) }

    private struct Step: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 15)
            for n in [0, 1, 3, 7, 16, 20, 65] {
                let memory = Memory()
                defer { memory.release() }
                let weights: [Real] = random.reals(n)
                let gradient: [Real] = random.reals(n)
                let first: [Real] = random.reals(n)
                let second: [Real] = random.reals(n, in: 0...1)
                let (rate, b1, b2, epsilon, decay, c1, c2) = (0.01, 0.9, 0.999, 1e-8, 0.1, 0.271, 0.002997)
                let (w, m, v) = (memory.copy(weights), memory.copy(first), memory.copy(second))
                kernels.adamw(
                    n, w.start, memory.copy(gradient).start, 0.5, m.start, v.start, rate, b1, b2, epsilon, decay, c1, c2
                )
                // Each quantity sees at most 12 roundings of the sizes of its terms; the step is at most rate * 4 / 0.02.
                let eps = 12 * Double(Real.ulpOfOne)
                for array in [w, m, v] { array.expectUntouchedFront("adamw n=\(n)") }
                for index in 0..<n {
                    let g = 0.5 * Double(gradient[index])
                    let mean = b1 * Double(first[index]) + (1 - b1) * g
                    let square = b2 * Double(second[index]) + (1 - b2) * g * g
                    let denominator = (square / c2).squareRoot() + epsilon
                    let kept = Double(weights[index]) * (1 - rate * decay)
                    let size = b1 * abs(Double(first[index])) + (1 - b1) * abs(g)
                    #expect(abs(Double(m.values[index]) - mean) <= eps * size)
                    #expect(abs(Double(v.values[index]) - square) <= eps * square)
                    #expect(
                        abs(Double(w.values[index]) - (kept - rate * mean / c1 / denominator))
                            <= eps * (abs(kept) + rate * size / c1 / denominator))
                }
            }
        }
    }

    private struct SumOfSquares: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 16)
            for n in [0, 1, 3, 7, 16, 20, 65, 4097] {
                let memory = Memory()
                defer { memory.release() }
                let x: [Real] = random.reals(n)
                let reference = x.reduce(0) { $0 + Double($1) * Double($1) }
                let got = kernels.sum_of_squares(n, memory.copy(x).start)
                #expect(abs(got - reference) <= Double(n) * Double.ulpOfOne * reference, "sum_of_squares n=\(n)")
            }
        }
    }

    private struct Peak: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            let memory = Memory()
            defer { memory.release() }
            let sink = memory.copy([Real.nan])
            let operations = kernels.fma_peak(10, sink.start)
            #expect(operations > 0)
            #expect(kernels.fma_peak(20, sink.start) == 2 * operations)
            #expect(sink.values[0].isFinite)
        }
    }
}
