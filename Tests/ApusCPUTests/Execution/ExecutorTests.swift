import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Chunks, lanes and threads: the same numbers whoever computes them.
@Suite struct ExecutorTests {
    private let model = TestModel()

    private func bits(_ values: [Values]) -> [[[UInt64]]] { values.map { $0.map { $0.map(\.bitPattern) } } }

    /// One chunk, fewer chunks than lanes, as many, and several for each of 8, 16 and 32 lanes.
    @Test(arguments: Precision.allCases, [1, 3, 8, 21, 130, 270])
    func anyNumberOfThreadsGivesTheSameBits(_ precision: Precision, chunks: Int) throws {
        let batch = model.batch(chunks: chunks)
        let expected = bits(try Evaluation(model.tensors, precision: precision)(batch))
        #expect(expected.joined().joined().contains { $0 != 0 })
        for threads in [2, 5] {
            let evaluation = Evaluation(model.tensors, precision: precision, threads: threads)
            for _ in 0..<3 {
                let values = bits(try evaluation(batch))
                #expect(values == expected, "\(threads) threads")
            }
        }
    }

    @Test(arguments: Precision.allCases) func definitionsAreFollowed(_ precision: Precision) {
        for set in InstructionSet.available {
            for chunks in [1, 3, 21] {
                let evaluation = Evaluation(model.tensors, precision: precision, threads: 2, instructionSet: set)
                expect(evaluation, computes: model.batch(chunks: chunks), "\(set), \(chunks) chunks")
            }
        }
    }

    /// While one thread computes a long product, others come to the short steps that need it.
    @Test func stepsWaitForWhatTheyNeed() throws {
        let graph = Graph()
        let matrix = graph.parameter("matrix", rows: 128, features: 128)
        let product = matmul(matrix, matrix)
        let tensors = [silu(product), product * product, product + matrix]
        let (alone, shared) = (Evaluation(tensors), Evaluation(tensors, threads: 3))
        for seed in 1...20 {
            let batch = Batch(for: tensors, sizes: [], seed: UInt64(seed))
            let isEqual = bits(try alone(batch)) == bits(try shared(batch))
            #expect(isEqual, "seed \(seed)")
        }
    }

    /// Another order of the same sums: their rounding errors, a few units of the largest terms, are all that may differ.
    @Test(arguments: [(Precision.float32, 2e-5), (.float64, 2e-14)])
    func instructionSetsAgree(_ precision: Precision, tolerance: Double) throws {
        let batch = model.batch(chunks: 9)
        let values = try InstructionSet.available.map {
            try Evaluation(model.tensors, precision: precision, instructionSet: $0)(batch)
        }
        for other in values.dropFirst() { expectClose(other, values[0], tolerance) }
    }

    @Test(arguments: [(Precision.float32, 1e-6), (.float64, 1e-14)])
    func systemAloneAndInABatch(_ precision: Precision, tolerance: Double) throws {
        let batch = model.batch(chunks: 6)
        let evaluation = Evaluation(model.tensors, precision: precision)
        let apart = try evaluation(batch)
        var together = batch
        together.parts = [batch.parts.reduce(Batch.Part()) { $0.joined(with: $1) }]
        expectClose(try evaluation(together), apart.map { [Array($0.joined())] }, tolerance)
        for (k, part) in batch.parts.enumerated() {
            var alone = batch
            alone.parts = [part]
            let values = try evaluation(alone)
            #expect(values[0] == [apart[0][k]])
            #expect(values[1] == [apart[1][k]])
        }
    }

    @Test func emptyBatchHasNoOutputsAndZeroSums() throws {
        let evaluation = Evaluation(model.tensors, threads: 2)
        _ = try evaluation(model.batch(chunks: 5))
        let values = try evaluation(model.batch(chunks: 0))
        #expect(values[0].isEmpty)
        #expect(values[2...].joined().joined().allSatisfy { $0 == 0 })
    }

    @Test func emptyChunkAddsNothing() throws {
        let evaluation = Evaluation(model.tensors)
        var batch = model.batch(chunks: 1)
        let expected = try evaluation(batch)
        var empty = Batch.Part()
        empty.inputs["vectors"] = []
        batch.parts.insert(empty, at: 0)
        let values = try evaluation(batch)
        #expect(values[0] == [[]] + expected[0])
        #expect(values[1] == [[]] + expected[1])
        #expect(Array(values[2...]) == Array(expected[2...]))
    }

    @Test(arguments: Precision.allCases) func parametersMayChangeBetweenRuns(_ precision: Precision) throws {
        let evaluation = Evaluation(model.tensors, precision: precision, threads: 2)
        let batch = model.batch(chunks: 9)
        var other = batch
        other.parameters = batch.parameters.map { -$0 }
        let before = try evaluation(batch)
        let changed = try evaluation(other)
        let fresh = try Evaluation(model.tensors, precision: precision)(other)
        #expect(changed == fresh)
        #expect(changed[0] != before[0])
        let again = try evaluation(batch)
        #expect(again == before)
    }

    @Test(arguments: Precision.allCases) func profilingChangesNoBits(_ precision: Precision) throws {
        let evaluation = Evaluation(model.tensors, precision: precision, threads: 2)
        let batch = model.batch(chunks: 9)
        let expected = bits(try evaluation(batch))
        evaluation.executor.isProfiling = true
        let profiled = bits(try evaluation(batch))
        #expect(profiled == expected)
        #expect(!evaluation.executor.profile.entries.isEmpty)
        evaluation.executor.isProfiling = false
        let again = bits(try evaluation(batch))
        #expect(again == expected)
    }

    private struct Unreadable: Error, Equatable { let chunk: Int }

    @Test(arguments: [1, 2, 5]) func firstErrorIsThrown(threads: Int) throws {
        let evaluation = Evaluation(model.tensors, threads: threads)
        let batch = model.batch(chunks: 21)
        let expected = try evaluation(batch)
        let parameters = Numbers(batch.parameters, precision: .float64)
        #expect(throws: Unreadable(chunk: 3)) {
            try evaluation.executor.run(chunks: 21, parameters: parameters) { chunk, target in
                if [3, 4, 11, 20].contains(chunk) { throw Unreadable(chunk: chunk) }
                batch.parts[chunk].fill(&target)
            }
        }
        let values = try evaluation(batch)
        #expect(values == expected)
    }

    @Test func arenaGrowsWithTheLargestChunk() throws {
        let evaluation = Evaluation(model.tensors)
        #expect(evaluation.executor.arenaBytes == 0)
        let batch = model.batch(chunks: 12)
        _ = try evaluation(batch)
        let largest = batch.parts.map {
            evaluation.program.arenaBytes(
                .init(systems: $0.systems, atoms: $0.speciesOfAtom.count, pairs: $0.pairFirst.count),
                precision: .float64)
        }
        #expect(evaluation.executor.arenaBytes == largest.max())
    }

    /// Expects differences of at most `tolerance` times the largest element of a tensor.
    private func expectClose(_ values: [Values], _ expected: [Values], _ tolerance: Double) {
        for (tensor, (values, expected)) in zip(model.tensors, zip(values, expected)) {
            let (values, expected) = (Array(values.joined()), Array(expected.joined()))
            #expect(values.count == expected.count)
            let scale = expected.reduce(0) { max($0, $1.magnitude) }
            let worst = zip(values, expected).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
            #expect(worst <= tolerance * scale, "\(tensor)")
        }
    }
}
