import Testing

@testable import ApusCPU
@testable import ApusGraph

/// What a reader of data does with chunks.
@Suite struct ChunkTests {
    @Test func removingAllLeavesNothing() {
        let x = Graph().input("x", rows: .atoms)
        var chunk = Chunk()
        Batch(for: [x]).parts[0].fill(&chunk)
        #expect(chunk.systems == 2)
        #expect(chunk.counts[.atoms] == 5)
        #expect(chunk.counts[.pairs] == 7)
        #expect(chunk.inputs["x"]?.count == 5)
        chunk.removeAll()
        #expect(chunk.systems == 0)
        #expect(chunk.counts[.atoms] == 0)
        #expect(chunk.counts[.pairs] == 0)
        #expect(chunk[.systemOfAtom].isEmpty)
        #expect(chunk[PairList.network.second].isEmpty)
        #expect(chunk.inputs == ["x": []])
    }

    /// Chunks that join systems one after the other are cleared in between.
    @Test func chunksDoNotSeeEachOther() throws {
        let x = Graph().input("x", rows: .atoms)
        let executor = Evaluation([x]).executor
        let outputs = try executor.run(chunks: 20, parameters: Numbers(count: 0, precision: .float64)) { k, chunk in
            chunk.systems += 1
            chunk[.speciesOfAtom].append(0)
            chunk[.systemOfAtom].append(0)
            chunk.inputs["x", default: []].append(Double(k))
        }
        #expect(outputs == (0..<20).map { [[Double($0)]] })
    }
}
