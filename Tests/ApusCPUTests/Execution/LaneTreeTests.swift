import Testing

@testable import ApusCPU

/// The tree in which the sums of lanes are added.
@Suite struct LaneTreeTests {
    /// A power of two: as many as there are chunks, at most, and more than 8 where each has eight chunks.
    @Test func lanesFollowFromTheChunks() {
        let counts = [0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 10_000, 100_000].map { LaneTree.laneCount(chunks: $0) }
        #expect(counts == [0, 1, 2, 2, 4, 8, 8, 16, 16, 32, 1024, 1024])
    }

    /// Every chunk is in one lane, and lanes follow one another.
    @Test(arguments: [1, 2, 3, 5, 8, 21, 130, 1000, 5000]) func lanesDivideTheChunks(chunks: Int) {
        let tree = LaneTree(chunks: chunks)
        let lanes = (0..<tree.subtrees).flatMap { tree.lanes(of: $0) }
        #expect(lanes == Array(0..<tree.lanes))
        #expect(lanes.flatMap { Array(tree.chunks(of: $0)) } == Array(0..<chunks))
        #expect(lanes.allSatisfy { !tree.chunks(of: $0).isEmpty })
    }

    /// The order of additions, written down with parentheses.
    @Test func subtreesAreAddedInATree() {
        var texts = (0..<8).map { "\($0)" }
        for (from, to) in LaneTree.additions(8) { texts[to] = "(\(texts[to])+\(texts[from]))" }
        #expect(texts[0] == "(((0+1)+(2+3))+((4+5)+(6+7)))")
        #expect(LaneTree.additions(1).isEmpty)
    }

    /// A counter makes the same sums as the whole tree, with few buffers.
    @Test(arguments: [1, 2, 4, 8, 16, 32]) func theCounterFollowsTheTree(lanes: Int) {
        var texts: [ObjectIdentifier: String] = [:]
        var made: [Numbers] = []
        var spare: [Numbers] = []
        var counter = LaneCounter()
        for lane in 0..<lanes {
            let sum =
                lane == 0
                ? Numbers(count: 1, precision: .float64) : spare.popLast() ?? Numbers(count: 1, precision: .float64)
            if !made.contains(where: { $0 === sum }) { made.append(sum) }
            texts[ObjectIdentifier(sum)] = "\(lane)"
            counter.push(sum) {
                texts[ObjectIdentifier($0)] = "(\(texts[ObjectIdentifier($0)]!)+\(texts[ObjectIdentifier($1)]!))"
            } release: {
                spare.append($0)
            }
        }
        var expected = (0..<lanes).map { "\($0)" }
        for (from, to) in LaneTree.additions(lanes) { expected[to] = "(\(expected[to])+\(expected[from]))" }
        #expect(texts[ObjectIdentifier(made[0])] == expected[0])
        #expect(made.count <= 1 + (0...10).first { 1 << $0 >= lanes }!)
    }
}
