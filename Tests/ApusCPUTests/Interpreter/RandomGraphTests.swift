import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Programs of random graphs, with their shared buffers and fused additions, against the interpreter, which shares
/// nothing.
@Suite struct RandomGraphTests {
    @Test(arguments: Precision.allCases, [ChunkSize.small, .large])
    func programs(_ precision: Precision, _ chunks: ChunkSize) {
        for seed in 0..<200 as Range<UInt64> {
            let tensors = RandomGraph(seed: seed).wanted
            let evaluation = Evaluation(tensors, precision: precision, for: chunks)
            expect(evaluation, computes: Batch(for: tensors, seed: seed), "graph \(seed)")
        }
    }
}
