import Testing

@testable import ApusPotentials

@Suite struct ChunkPlanTests {
    private func pairs(_ counts: some Sequence<Int>) -> Int { counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 } }

    @Test(arguments: [
        [], [1], [18], [1, 1, 1, 1], [300, 2, 300], [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
        (0..<500).map { 1 + ($0 * 37) % 40 },
    ])
    func chunksHoldAllSystemsInOrderAndAreNoLargerThanNeeded(counts: [Int]) {
        let chunks = ChunkPlan.cut(atomCounts: counts)
        #expect(chunks.flatMap { Array($0) } == Array(counts.indices))
        let largest = counts.map { $0 * ($0 - 1) / 2 }.max() ?? 0
        for chunk in chunks {
            #expect(!chunk.isEmpty)
            // The last system may carry a chunk over its share, which is below twice the budget.
            let isSmallEnough = pairs(counts[chunk]) < 2 * ChunkPlan.pairBudget + largest
            #expect(isSmallEnough)
        }
    }

    @Test func batchesAreCutForAnEvenNumberOfThreads() {
        // Ten ethanol molecules have 360 pairs: enough for two chunks of at least a hundred, not for four.
        #expect(ChunkPlan.cut(atomCounts: [Int](repeating: 9, count: 10)).map(\.count) == [5, 5])
        #expect(ChunkPlan.cut(atomCounts: [Int](repeating: 9, count: 20)).map(\.count) == [5, 5, 5, 5])
        #expect(ChunkPlan.cut(atomCounts: [Int](repeating: 18, count: 100)).count == 88)
        #expect(ChunkPlan.cut(atomCounts: [2, 2]).count == 1)
    }
}
