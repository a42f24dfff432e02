import Testing

@testable import ApusCPU
@testable import ApusGraph

/// What profiles say of batches that were run.
@Suite struct ProfileTests {
    private let model = TestModel()

    /// A batch of chunks with and without pairs, run twice with a profile.
    private func profiled(_ sizes: [Batch.Sizes], threads: Int) throws -> (Evaluation, ExecutionProfile) {
        let evaluation = Evaluation(model.tensors, threads: threads)
        let batch = Batch(for: model.tensors, sizes: sizes)
        _ = try evaluation(batch)
        evaluation.executor.isProfiling = true
        for _ in 0..<2 { _ = try evaluation(batch) }
        return (evaluation, evaluation.executor.profile)
    }

    @Test(arguments: [1, 2]) func callsAndRowsAddUp(threads: Int) throws {
        let sizes = Batch.mixed + Batch.mixed
        let (evaluation, profile) = try profiled(sizes, threads: threads)
        let program = evaluation.program
        let kinds = Set(OperationKind.allCases.map(\.rawValue))
        let operations = profile.entries.filter { kinds.contains($0.kind) }

        // A stretch is called for every block of a chunk's pairs, once without pairs.
        let blocks = sizes.reduce(0) { $0 + max(1, ($1.pairs + Program.blockRows - 1) / Program.blockRows) }
        let inStretches = program.sections.reduce(0) { $0 + ($1.isOfBlocks ? $1.steps.count : 0) }
        #expect(inStretches > 0 && inStretches < program.body.count)
        let calls =
            program.steps.count - program.body.count + (program.body.count - inStretches) * sizes.count
            + inStretches * blocks
        #expect(operations.reduce(0) { $0 + $1.calls } == Double(calls))

        let total = RowCounts(
            systems: sizes.reduce(0) { $0 + $1.systems }, atoms: sizes.reduce(0) { $0 + $1.atoms },
            pairs: sizes.reduce(0) { $0 + $1.pairs })
        for space in [RowSpace.systems, .atoms, .pairs] {
            let (label, count) = (space.description, total[space])
            let steps = program.body.filter { $0.work.rows.profileLabel == label }.count
            let rows = operations.filter { $0.rows == label }.reduce(0) { $0 + $1.rowCount }
            #expect(rows == Double(steps * count), "\(label)")
        }
        let expected = program.operations(total)
        let counted = operations.reduce(0) { $0 + $1.cost.operations }
        // Whole numbers below 2⁵³ are added exactly.
        #expect(counted == expected.matrix + expected.other && counted > 0)
        #expect(operations.allSatisfy { $0.cost.bytes > 0 })
    }

    @Test(arguments: [1, 2]) func partsAddUpToTheTimeOfTheThreads(threads: Int) throws {
        let (_, profile) = try profiled(Batch.mixed, threads: threads)
        #expect(profile.entries.allSatisfy { $0.seconds >= 0 && $0.seconds < 10 })
        #expect(profile.entries.map(\.seconds) == profile.entries.map(\.seconds).sorted(by: >))
        #expect(profile.phases.map(\.name) == ["prologue", "chunks", "sum of lanes", "epilogue"])
        let chunks = try #require(profile.phases.first { $0.name == "chunks" })
        #expect(chunks.seconds > 0 && chunks.pieces.map(\.width) == [2])
        #expect(chunks.pieces[0].threadSeconds > 0)
        #expect(chunks.pieces[0].threadSeconds <= Double(threads) * chunks.seconds)
        // What is not a phase of its own happens in chunks.
        let names = Set(profile.phases.map(\.name))
        let inChunks = profile.entries.filter { $0.rows != "once per step" && !names.contains($0.kind) }
        let sum = inChunks.reduce(0) { $0 + $1.seconds }
        #expect(abs(sum - chunks.pieces[0].threadSeconds) < 1e-9)
    }

    /// One system on several threads: what each of them does, and how far it could be divided.
    @Test(arguments: [1, 2, 3]) func sharedChunksAreCountedWhole(threads: Int) throws {
        let outputs = Array(model.tensors.prefix(2))
        let evaluation = Evaluation(outputs, threads: threads)
        let sizes = Batch.Sizes(systems: 1, atoms: 60, pairs: 400)
        let batch = Batch(for: outputs, sizes: [sizes])
        evaluation.executor.isProfiling = true
        for _ in 0..<2 { _ = try evaluation(batch) }
        let profile = evaluation.executor.profile

        let program = evaluation.program
        let ofPairs = program.body.filter { $0.work.rows == .pairs }.count
        let rows = profile.entries.filter { $0.rows == "pairs" }.reduce(0) { $0 + $1.rowCount }
        #expect(rows == Double(ofPairs * sizes.pairs) && rows > 0)

        let chunks = try #require(profile.phases.first { $0.name == "chunks" })
        #expect(
            Set(chunks.pieces.map(\.width)).isSubset(of: [1, PairGroups.width(pairs: 400, atoms: 60), 60])
                && chunks.pieces.contains { $0.width == 60 })
        let names = Set(profile.phases.map(\.name))
        let inChunks = profile.entries.filter { $0.rows != "once per step" && !names.contains($0.kind) }
        let sum = inChunks.reduce(0) { $0 + $1.seconds }
        #expect(abs(sum - chunks.pieces.reduce(0) { $0 + $1.threadSeconds }) < 1e-9)
    }

    @Test func withoutProfilingThereIsNone() throws {
        let (evaluation, _) = try profiled(Batch.mixed, threads: 1)
        evaluation.executor.isProfiling = false
        #expect(evaluation.executor.profile.entries.isEmpty && evaluation.executor.profile.phases.isEmpty)
        evaluation.executor.isProfiling = true
        #expect(evaluation.executor.profile.entries.isEmpty)
    }

    @Test func pieceIsSharedByAsManyThreadsAsItHasParts() {
        let phase = ExecutionProfile.Phase(
            name: "", seconds: 0, pieces: [(threadSeconds: 8, width: 4), (threadSeconds: 1, width: 1)])
        #expect([1, 2, 4, 16].map { phase.seconds(threads: $0) } == [9, 5, 3, 3])
    }

    @Test(arguments: Precision.allCases) func bandwidthIsMeasured(_ precision: Precision) {
        for bytes in [1, 1 << 16] {
            let bandwidth = InstructionSet.available[0].measuredBandwidth(precision, threads: 2, bytes: bytes)
            // Slower than any memory of this century, faster than any cache.
            #expect(bandwidth > 1e8 && bandwidth < 1e14)
        }
    }
}
