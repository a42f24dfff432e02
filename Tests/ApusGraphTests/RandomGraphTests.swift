import Testing

@testable import ApusGraph

/// Programs of random graphs, with their shared buffers and fused additions, against the interpreter, which shares
/// nothing.
@Suite struct RandomGraphTests {
    @Test(arguments: Precision.allCases, [false, true])
    func programs(_ precision: Precision, withoutPairs: Bool) {
        for seed in 0..<100 {
            let graph = RandomGraph(seed: UInt64(seed) + (withoutPairs ? 1000 : 0))
            let sizes = withoutPairs ? [Batch.Sizes(systems: 2, atoms: 3, pairs: 0)] : Batch.mixed
            let batch = Batch(for: graph.wanted, sizes: sizes, seed: UInt64(seed))
            expect(Evaluation(graph.wanted, precision: precision), computes: batch, "graph \(seed)")
        }
    }
}
