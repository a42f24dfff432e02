import CApusKernels
import Testing

/// Steps of optimisers, the sum of squares and the peak measurement.
@Suite struct OptimizerTests {
    @Test(arguments: Variant.all) func adam(_ variant: Variant) throws { try variant.run(Adam()) }
    @Test(arguments: Variant.all) func descent(_ variant: Variant) throws { try variant.run(Descent()) }
    @Test(arguments: Variant.all) func sumOfSquares(_ variant: Variant) throws { try variant.run(SumOfSquares()) }
    @Test(arguments: Variant.all) func peak(_ variant: Variant) throws { try variant.run(Peak()) }

    private struct Adam: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 15)
            // Decay that is taken off and that is added, without and with a limit and the largest moments.
            for (decay, added, limit, usesLargest) in [
                (0.1, 0.0, Double.infinity, false), (0, 0.1, 0.25, false), (0, 0.1, .infinity, true),
                (0.1, 0, 0.25, true),
            ] {
                for n in [0, 1, 3, 7, 16, 20, 65] {
                    check(kernels, Real.self, n, (decay, added, limit, usesLargest), &random)
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ n: Int,
            _ form: (decay: Double, added: Double, limit: Double, usesLargest: Bool), _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let weights: [Real] = random.reals(n)
            let gradient: [Real] = random.reals(n)
            let first: [Real] = random.reals(n)
            let second: [Real] = random.reals(n, in: 0...1)
            let largest: [Real] = random.reals(n, in: 0...1)
            let (rate, b1, b2, epsilon, c1, c2) = (0.01, 0.9, 0.999, 1e-8, 0.271, 0.002997)
            let (w, m, v, x) = (memory.copy(weights), memory.copy(first), memory.copy(second), memory.copy(largest))
            var step = apus_adam_step(
                gradient_scale: 0.5, gradient_limit: form.limit, rate: rate, b1: b1, b2: b2, epsilon: epsilon,
                decay: form.decay, added_decay: form.added, c1: c1, c2: c2)
            kernels.adam(
                n, w.start, memory.copy(gradient).start, m.start, v.start, form.usesLargest ? x.start : nil, &step)
            // Each quantity sees at most 16 roundings of the sizes of its terms; the step is at most rate * 4 / 0.02.
            let eps = 16 * Double(Real.ulpOfOne)
            for array in [w, m, v, x] { array.expectUntouchedFront("adam n=\(n)") }
            for k in 0..<n {
                let scaled = max(-form.limit, min(form.limit, 0.5 * Double(gradient[k])))
                let g = scaled + form.added * Double(weights[k])
                let gSize = abs(scaled) + abs(form.added * Double(weights[k]))
                let mean = b1 * Double(first[k]) + (1 - b1) * g
                let square = b2 * Double(second[k]) + (1 - b2) * g * g
                let top = form.usesLargest ? max(Double(largest[k]), square) : square
                let denominator = (top / c2).squareRoot() + epsilon
                let kept = Double(weights[k]) * (1 - rate * form.decay)
                let size = b1 * abs(Double(first[k])) + (1 - b1) * gSize
                let squareSize = b2 * Double(second[k]) + (1 - b2) * gSize * gSize
                #expect(abs(Double(m.values[k]) - mean) <= eps * size)
                #expect(abs(Double(v.values[k]) - square) <= eps * squareSize)
                #expect(abs(Double(x.values[k]) - (form.usesLargest ? top : Double(largest[k]))) <= eps * squareSize)
                #expect(
                    abs(Double(w.values[k]) - (kept - rate * mean / c1 / denominator))
                        <= eps * (abs(kept) + rate * size / c1 / denominator * (1 + squareSize / top)))
            }
        }
    }

    private struct Descent: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 17)
            for (momentum, isNesterov, limit) in [(0.0, false, Double.infinity), (0.9, false, 0.25), (0.8, true, 0.25)]
            {
                for n in [0, 1, 3, 7, 16, 20, 65] {
                    let memory = Memory()
                    defer { memory.release() }
                    let weights: [Real] = random.reals(n)
                    let gradient: [Real] = random.reals(n)
                    let velocity: [Real] = random.reals(n)
                    let (w, u) = (memory.copy(weights), memory.copy(velocity))
                    var step = apus_sgd_step(
                        gradient_scale: 0.5, gradient_limit: limit, rate: 0.1, momentum: momentum, added_decay: 0.2,
                        nesterov: isNesterov ? 1 : 0)
                    kernels.sgd(
                        n, w.start, memory.copy(gradient).start, momentum > 0 ? u.start : nil, &step)
                    // At most 8 roundings of terms of size 1.
                    let eps = 8 * 2 * Double(Real.ulpOfOne)
                    for array in [w, u] { array.expectUntouchedFront("sgd n=\(n)") }
                    for k in 0..<n {
                        let g = max(-limit, min(limit, 0.5 * Double(gradient[k]))) + 0.2 * Double(weights[k])
                        let sum = momentum > 0 ? momentum * Double(velocity[k]) + g : Double(velocity[k])
                        let change = momentum == 0 ? g : isNesterov ? g + momentum * sum : sum
                        #expect(abs(Double(u.values[k]) - sum) <= eps)
                        #expect(abs(Double(w.values[k]) - (Double(weights[k]) - 0.1 * change)) <= eps)
                    }
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
