import CApusKernels
import Testing

/// C = A B + bias, with either storage of B, and C = Xᵀ Y, against the triple loop.
@Suite struct MatrixTests {
    @Test(arguments: Variant.all) func product(_ variant: Variant) throws {
        try variant.run(Product())
    }

    @Test(arguments: Variant.all) func outerProduct(_ variant: Variant) throws {
        try variant.run(OuterProduct())
    }

    private struct Product: KernelTest {
        // Every number of columns up to several panels; every remainder of rows; the sizes potentials use.
        static let shapes: [(m: Int, n: Int, k: Int)] =
            (1...70).map { (7, $0, 5) } + (1...30).map { ($0, 20, 3) }
            + [
                (0, 4, 4), (1, 1, 1), (3, 1, 64), (5, 1, 3), (4, 6, 0), (135, 128, 128), (200, 64, 20), (97, 20, 128),
                (33, 192, 21), (2, 3, 512), (193, 128, 1),
            ]

        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 1)
            for (m, n, k) in Self.shapes {
                for (transposed, biased, accumulate) in [(false, true, false), (true, false, true), (true, true, true)]
                {
                    let memory = Memory()
                    defer { memory.release() }
                    let a: [Real] = random.reals(m * k)
                    let b: [Real] = random.reals(k * n)
                    let bias: [Real] = random.reals(n)
                    let start: [Real] = initialOutput(m * n, accumulate: accumulate, &random)
                    var reference = initialSums(start, accumulate: accumulate)
                    for row in 0..<m {
                        for column in 0..<n {
                            for inner in 0..<k {
                                let factor = transposed ? b[column * k + inner] : b[inner * n + column]
                                reference[row * n + column].add(Double(a[row * k + inner]) * Double(factor))
                            }
                            if biased { reference[row * n + column].add(Double(bias[column])) }
                        }
                    }
                    let place = "matmul M=\(m) N=\(n) K=\(k) transposed=\(transposed) bias=\(biased) add=\(accumulate)"
                    let packed = memory.copy([Real](repeating: .nan, count: kernels.packed_count(k, n)))
                    kernels.pack(k, n, memory.copy(b).start, transposed ? 1 : 0, packed.start)
                    packed.expectUntouchedFront(place)
                    let out = memory.copy(start)
                    let offset = memory.copy(bias)
                    kernels.matmul(
                        m, n, k, memory.copy(a).start, packed.start, biased ? offset.start : nil, out.start,
                        accumulate ? 1 : 0)
                    expect(out, equals: reference, place)
                }
            }
        }
    }

    private struct OuterProduct: KernelTest {
        static let shapes: [(r: Int, k: Int, n: Int)] =
            (1...70).map { (3, 7, $0) } + (1...20).map { (5, $0, 20) }
            + [
                (0, 3, 5), (1, 1, 1), (50, 20, 128), (129, 128, 20), (300, 128, 128), (257, 64, 1), (131, 1, 64),
                (600, 21, 3),
                (64, 192, 2),
            ]

        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 2)
            for (r, k, n) in Self.shapes {
                for accumulate in [false, true] {
                    let memory = Memory()
                    defer { memory.release() }
                    let x: [Real] = random.reals(r * k)
                    let y: [Real] = random.reals(r * n)
                    let start: [Real] = initialOutput(k * n, accumulate: accumulate, &random)
                    var reference = initialSums(start, accumulate: accumulate)
                    for row in 0..<r {
                        for left in 0..<k {
                            for right in 0..<n {
                                reference[left * n + right].add(Double(x[row * k + left]) * Double(y[row * n + right]))
                            }
                        }
                    }
                    let out = memory.copy(start)
                    kernels.outer(r, k, n, memory.copy(x).start, memory.copy(y).start, out.start, accumulate ? 1 : 0)
                    expect(out, equals: reference, "outer R=\(r) K=\(k) N=\(n) add=\(accumulate)")
                }
            }
        }
    }
}
