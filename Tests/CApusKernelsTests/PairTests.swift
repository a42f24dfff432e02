import CApusKernels
import Testing

/// The pair kernels against the sums S and V that they are derivatives of.
@Suite struct PairTests {
    static let pairCount = 23
    static let atomCount = 6
    static let widths = [1, 2, 3, 7, 20, 21, 64, 128]

    @Test(arguments: Variant.all) func convolution(_ variant: Variant) throws { try variant.run(Convolution()) }
    @Test(arguments: Variant.all) func vectorConvolution(_ variant: Variant) throws {
        try variant.run(VectorConvolution())
    }
    @Test(arguments: Variant.all) func differences(_ variant: Variant) throws { try variant.run(Differences()) }

    private struct Convolution: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 7)
            for (c, f) in PairTests.widths.map({ (1, $0) }) + [(3, 1), (3, 20), (3, 64), (9, 3)] {
                let memory = Memory()
                defer { memory.release() }
                let size = PairTests.atomCount * c * f
                let (i, j) = random.pairs(PairTests.pairCount, atoms: PairTests.atomCount)
                let (first, second) = (memory.copy(i), memory.copy(j))
                let x: [Real] = random.reals(size)
                let y: [Real] = random.reals(size)
                let w: [Real] = random.reals(PairTests.pairCount * f)

                var reference = initialSums(y, accumulate: true)
                for p in i.indices {
                    for index in 0..<c * f {
                        let (left, right) = (Int(i[p]) * c * f + index, Int(j[p]) * c * f + index)
                        reference[left].add(Double(w[p * f + index % f]) * Double(x[right]))
                        reference[right].add(Double(w[p * f + index % f]) * Double(x[left]))
                    }
                }
                let out = memory.copy(y)
                kernels.conv(
                    i.count, first.start, second.start, c, f, memory.copy(x).start, memory.copy(w).start, out.start)
                expect(out, equals: reference, "conv C=\(c) F=\(f)")

                for accumulate in [false, true] {
                    let start: [Real] = initialOutput(w.count, accumulate: accumulate, &random)
                    var reference = initialSums(start, accumulate: accumulate)
                    for p in i.indices {
                        for index in 0..<c * f {
                            let (left, right) = (Int(i[p]) * c * f + index, Int(j[p]) * c * f + index)
                            reference[p * f + index % f].add(Double(x[left]) * Double(y[right]))
                            reference[p * f + index % f].add(Double(x[right]) * Double(y[left]))
                        }
                    }
                    let out = memory.copy(start)
                    kernels.pair_multiply(
                        i.count, first.start, second.start, c, f, memory.copy(x).start, memory.copy(y).start, out.start,
                        accumulate ? 1 : 0)
                    expect(out, equals: reference, "pair_multiply C=\(c) F=\(f) add=\(accumulate)")
                }
            }
        }
    }

    private struct VectorConvolution: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 8)
            for f in PairTests.widths {
                for accumulate in [false, true] { check(kernels, Real.self, f, accumulate, &random) }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ f: Int, _ accumulate: Bool, _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let (pairs, atoms) = (PairTests.pairCount, PairTests.atomCount)
            let (i, j) = random.pairs(pairs, atoms: atoms)
            let x: [Real] = random.reals(atoms * f)
            let y: [Real] = random.reals(atoms * 3 * f)
            let w: [Real] = random.reals(pairs * f)
            let u: [Real] = random.reals(pairs * 3)
            let startByY: [Real] = random.reals(y.count)
            let startByX: [Real] = random.reals(x.count)
            let startByW: [Real] = initialOutput(w.count, accumulate: accumulate, &random)
            let startByU: [Real] = initialOutput(u.count, accumulate: accumulate, &random)
            var byY = initialSums(startByY, accumulate: true)
            var byX = initialSums(startByX, accumulate: true)
            var byW = initialSums(startByW, accumulate: accumulate)
            var byU = initialSums(startByU, accumulate: accumulate)
            for p in 0..<pairs {
                for c in 0..<3 {
                    for k in 0..<f {
                        let (xi, xj) = (Int(i[p]) * f + k, Int(j[p]) * f + k)
                        let (yi, yj) = ((Int(i[p]) * 3 + c) * f + k, (Int(j[p]) * 3 + c) * f + k)
                        let (direction, filter) = (Double(u[p * 3 + c]), Double(w[p * f + k]))
                        byY[yi].add(direction * filter * Double(x[xj]))
                        byY[yj].add(-direction * filter * Double(x[xi]))
                        byX[xj].add(direction * filter * Double(y[yi]))
                        byX[xi].add(-direction * filter * Double(y[yj]))
                        byW[p * f + k].add(direction * Double(y[yi]) * Double(x[xj]))
                        byW[p * f + k].add(-direction * Double(y[yj]) * Double(x[xi]))
                        byU[p * 3 + c].add(filter * Double(y[yi]) * Double(x[xj]))
                        byU[p * 3 + c].add(-filter * Double(y[yj]) * Double(x[xi]))
                    }
                }
            }
            let (first, second, add) = (memory.copy(i), memory.copy(j), Int32(accumulate ? 1 : 0))
            let (mx, my, mw, mu) = (memory.copy(x), memory.copy(y), memory.copy(w), memory.copy(u))
            let (outY, outX) = (memory.copy(startByY), memory.copy(startByX))
            let (outW, outU) = (memory.copy(startByW), memory.copy(startByU))
            kernels.vector_conv(pairs, first.start, second.start, f, mx.start, mw.start, mu.start, outY.start)
            kernels.vector_conv_scalar(pairs, first.start, second.start, f, my.start, mw.start, mu.start, outX.start)
            kernels.vector_conv_filter(
                pairs, first.start, second.start, f, my.start, mx.start, mu.start, outW.start, add)
            kernels.vector_conv_direction(
                pairs, first.start, second.start, f, my.start, mx.start, mw.start, outU.start, add)
            expect(outY, equals: byY, "vector_conv F=\(f)")
            expect(outX, equals: byX, "vector_conv_scalar F=\(f)")
            expect(outW, equals: byW, "vector_conv_filter F=\(f) add=\(accumulate)")
            expect(outU, equals: byU, "vector_conv_direction F=\(f) add=\(accumulate)")
        }
    }

    private struct Differences: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 9)
            for n in PairTests.widths {
                let memory = Memory()
                defer { memory.release() }
                let (i, j) = random.pairs(PairTests.pairCount, atoms: PairTests.atomCount)
                let x: [Real] = random.reals(PairTests.atomCount * n)
                let values: [Real] = random.reals(i.count * n)
                var difference: [Real] = []
                var scattered = initialSums(x, accumulate: true)
                for p in i.indices {
                    for k in 0..<n {
                        difference.append(x[Int(j[p]) * n + k] - x[Int(i[p]) * n + k])
                        scattered[Int(j[p]) * n + k].add(Double(values[p * n + k]))
                        scattered[Int(i[p]) * n + k].add(-Double(values[p * n + k]))
                    }
                }
                let (first, second) = (memory.copy(i), memory.copy(j))
                let out = memory.copy([Real](repeating: .nan, count: values.count))
                kernels.pair_difference(i.count, first.start, second.start, n, memory.copy(x).start, out.start)
                expect(out, isExactly: difference, "pair_difference N=\(n)")
                let sums = memory.copy(x)
                kernels.pair_scatter(i.count, first.start, second.start, n, memory.copy(values).start, sums.start)
                expect(sums, equals: scattered, "pair_scatter N=\(n)")
            }
        }
    }
}
