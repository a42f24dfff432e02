import CApusKernels
import Testing

/// Sums over rows, broadcast, gather and scatter.
@Suite struct RowTests {
    static let widths = [1, 2, 3, 7, 8, 15, 20, 21, 64, 128, 192]

    @Test(arguments: Variant.all) func columnSum(_ variant: Variant) throws { try variant.run(ColumnSum()) }
    @Test(arguments: Variant.all) func broadcast(_ variant: Variant) throws { try variant.run(Broadcast()) }
    @Test(arguments: Variant.all) func gatherAndScatter(_ variant: Variant) throws {
        try variant.run(GatherAndScatter())
    }

    private struct ColumnSum: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 3)
            for n in RowTests.widths {
                for (r, accumulate) in [(0, false), (1, true), (37, false), (37, true)] {
                    let memory = Memory()
                    defer { memory.release() }
                    let x: [Real] = random.reals(r * n)
                    let start: [Real] = initialOutput(n, accumulate: accumulate, &random)
                    var reference = initialSums(start, accumulate: accumulate)
                    for index in x.indices { reference[index % n].add(Double(x[index])) }
                    let out = memory.copy(start)
                    kernels.column_sum(r, n, memory.copy(x).start, out.start, accumulate ? 1 : 0)
                    expect(out, equals: reference, "column_sum R=\(r) N=\(n) add=\(accumulate)")
                }
            }
        }
    }

    private struct Broadcast: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 4)
            for n in RowTests.widths {
                let memory = Memory()
                defer { memory.release() }
                let b: [Real] = random.reals(n)
                let out = memory.copy([Real](repeating: .nan, count: 5 * n))
                kernels.broadcast_rows(5, n, memory.copy(b).start, out.start)
                expect(out, isExactly: (0..<5).flatMap { _ in b }, "broadcast_rows N=\(n)")
            }
        }
    }

    private struct GatherAndScatter: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 5)
            for n in RowTests.widths {
                let memory = Memory()
                defer { memory.release() }
                let (rows, tableRows) = (41, 9)
                let index = (0..<rows).map { _ in Int32.random(in: 0..<Int32(tableRows), using: &random) }
                let table: [Real] = random.reals(tableRows * n)
                let gathered = memory.copy([Real](repeating: .nan, count: rows * n))
                kernels.gather(rows, n, memory.copy(index).start, memory.copy(table).start, gathered.start)
                expect(gathered, isExactly: index.flatMap { table[Int($0) * n..<(Int($0) + 1) * n] }, "gather N=\(n)")

                let values: [Real] = random.reals(rows * n)
                var reference = initialSums(table, accumulate: true)
                for position in values.indices {
                    reference[Int(index[position / n]) * n + position % n].add(Double(values[position]))
                }
                let out = memory.copy(table)
                kernels.scatter_add(rows, n, memory.copy(index).start, memory.copy(values).start, out.start)
                expect(out, equals: reference, "scatter_add N=\(n)")
            }
        }
    }
}
