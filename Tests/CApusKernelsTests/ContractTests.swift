import CApusKernels
import Testing

/// out[c', f'] (+)= Σ a[c, f] b[c, f] for all 64 ways to have or lack the axes.
@Suite struct ContractTests {
    @Test(arguments: Variant.all) func everyShape(_ variant: Variant) throws { try variant.run(EveryShape()) }

    private struct EveryShape: KernelTest {
        static let extents = [(1, 1), (1, 7), (1, 64), (3, 1), (3, 2), (3, 20), (3, 64), (5, 1), (9, 21), (4, 16)]

        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 6)
            for (c, f) in Self.extents {
                for flags in 0..<64 {
                    for (rows, accumulate) in [(1, false), (3, true), (4, false), (0, false)] {
                        check(kernels, Real.self, rows, c, f, flags, accumulate, &random)
                    }
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ rows: Int, _ c: Int, _ f: Int, _ flags: Int, _ accumulate: Bool,
            _ random: inout SplitMix
        ) {
            let (aC, aF, bC) = (flags & 1, flags >> 1 & 1, flags >> 2 & 1)
            let (bF, oC, oF) = (flags >> 3 & 1, flags >> 4 & 1, flags >> 5 & 1)
            func size(_ hasC: Int, _ hasF: Int) -> Int { (hasC == 1 ? c : 1) * (hasF == 1 ? f : 1) }
            func place(_ row: Int, _ i: Int, _ k: Int, _ hasC: Int, _ hasF: Int) -> Int {
                row * size(hasC, hasF) + (hasC == 1 ? i * (hasF == 1 ? f : 1) : 0) + (hasF == 1 ? k : 0)
            }
            let memory = Memory()
            defer { memory.release() }
            let a: [Real] = random.reals(rows * size(aC, aF))
            let b: [Real] = random.reals(rows * size(bC, bF))
            let start: [Real] = initialOutput(rows * size(oC, oF), accumulate: accumulate, &random)
            var reference = initialSums(start, accumulate: accumulate)
            for row in 0..<rows {
                for i in 0..<c {
                    for k in 0..<f {
                        let product = Double(a[place(row, i, k, aC, aF)]) * Double(b[place(row, i, k, bC, bF)])
                        reference[place(row, i, k, oC, oF)].add(product)
                    }
                }
            }
            let out = memory.copy(start)
            kernels.contract(
                rows, c, f, memory.copy(a).start, Int32(aC), Int32(aF), memory.copy(b).start, Int32(bC), Int32(bF),
                out.start,
                Int32(oC), Int32(oF), accumulate ? 1 : 0)
            expect(
                out, equals: reference,
                "contract R=\(rows) C=\(c) F=\(f) a=\(aC)\(aF) b=\(bC)\(bF) out=\(oC)\(oF) add=\(accumulate)")
        }
    }
}
