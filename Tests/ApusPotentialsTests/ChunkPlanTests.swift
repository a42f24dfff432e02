import Testing

@testable import ApusPotentials

@Suite struct ChunkPlanTests {
    @Test func everySystemIsInOneChunkInOrder() {
        let counts = (0..<200).map { 1 + ($0 * 37) % 40 }
        let chunks = ChunkPlan.cut(atomCounts: counts)
        #expect(chunks.flatMap { Array($0) } == Array(0..<200))
        for chunk in chunks {
            let pairs = chunk.reduce(0) { $0 + counts[$1] * (counts[$1] - 1) / 2 }
            #expect(!chunk.isEmpty && (pairs <= ChunkPlan.pairBudget || chunk.count == 1))
        }
    }

    /// Eighteen atoms have 153 pairs, nine have 36.
    @Test(
        arguments: [
            ([], []), ([18], [0..<1]), ([18, 18, 18], [0..<1, 1..<2, 2..<3]), ([9, 9, 9, 9, 9], [0..<4, 4..<5]),
            ([300, 2, 300], [0..<1, 1..<2, 2..<3]), ([1, 1, 1, 1], [0..<4]),
        ] as [([Int], [Range<Int>])])
    func chunksStayWithinThePairBudget(counts: [Int], expected: [Range<Int>]) {
        #expect(ChunkPlan.cut(atomCounts: counts) == expected)
    }
}
