import Testing

@testable import ApusPotentials

@Suite struct ChunkPlanTests {
    private func pairs(_ counts: some Sequence<Int>) -> Int { counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 } }

    @Test(arguments: [
        [], [1], [18], [1, 1, 1, 1], [300, 2, 300], [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
        (0..<500).map { 1 + ($0 * 37) % 40 },
    ])
    func chunksHoldAllSystemsInOrderAndAreAsLargeAsAllowed(counts: [Int]) {
        let chunks = ChunkPlan.cut(atomCounts: counts)
        #expect(chunks.flatMap { Array($0) } == Array(counts.indices))
        for chunk in chunks {
            #expect(chunk.count == 1 || pairs(counts[chunk]) <= ChunkPlan.pairBudget)
            if chunk.upperBound < counts.count {
                #expect(pairs(counts[chunk.lowerBound...chunk.upperBound]) > ChunkPlan.pairBudget)
            }
        }
    }
}
