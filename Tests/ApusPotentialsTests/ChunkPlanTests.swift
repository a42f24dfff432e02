import ApusChemistry
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

    /// Images count where a system repeats along one or two vectors, which have no volume.
    @Test func pairsOfSlabsAndChains() throws {
        func estimate(_ flags: [Bool]) throws -> Int {
            let cell = try Cell(
                vectors: [SIMD3(2, 0, 0), SIMD3(0, 2, 0), SIMD3(0, 0, 0)], isPeriodicAlong: flags)
            return try AtomicSystem(numbers: [6], positions: [.zero], cell: cell).pairEstimate(cutoff: 5)
        }
        // A square net of side 2 has 20 points within 5 of one, a chain 4.
        #expect(try estimate([false, false, false]) == 0)
        #expect((2...5).contains(try estimate([true, false, false])))
        #expect((10...20).contains(try estimate([true, true, false])))
    }
}
