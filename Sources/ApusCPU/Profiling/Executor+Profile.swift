import ApusGraph
import ApusSystem

extension Executor {
    /// Where time went since profiling began, for a batch on average. Empty without profiling or batches.
    ///
    /// A step's time is that between two readings of a clock, less the time of one reading.
    public var profile: ExecutionProfile {
        guard isProfiling, profiledBatches > 0, var tally = workers.first?.tally else {
            return ExecutionProfile(entries: [], phases: [])
        }
        for worker in workers.dropFirst() { tally.add(worker.tally!) }
        let clock = measuredClockSeconds()
        for k in tally.steps.indices {
            tally.steps[k].seconds = max(0, tally.steps[k].seconds - Double(tally.steps[k].calls) * clock)
        }
        return ExecutionProfile(
            entries: (stepEntries(tally) + chunkEntries(tally) + phaseEntries(tally)).sorted {
                $0.seconds > $1.seconds
            },
            phases: ExecutionPhase.allCases.filter { phases[$0] != nil }.map { phase($0, tally) })
    }

    private var perBatch: Double { 1 / Double(profiledBatches) }

    private func stepEntries(_ tally: WorkerTally) -> [ExecutionProfile.Entry] {
        struct Key: Hashable {
            let kind: OperationKind
            let rows: String
        }
        var entries: [Key: ExecutionProfile.Entry] = [:]
        for (step, counted) in zip(program.steps, tally.steps) {
            let key = Key(kind: program.kind(of: step), rows: step.work.rows.profileLabel)
            let sets = program.numbering.sets
            let calls = [(counted.overwriting.rows(sets), false), (counted.adding.rows(sets), true)]
            let cost = calls.reduce(Cost()) { $0 + step.cost($1.0, adds: $1.1, precision) }
            let rowCount = calls.reduce(0) { $0 + $1.0[step.work.rows] }
            var entry =
                entries[key]
                ?? .init(
                    kind: key.kind.rawValue, rows: key.rows, seconds: 0, calls: 0, rowCount: 0, cost: Cost(),
                    isBlocked: step.work.rows.isList)
            entry.seconds += perBatch * counted.seconds
            entry.calls += perBatch * Double(counted.calls)
            entry.rowCount += perBatch * rowCount
            entry.cost = entry.cost + perBatch * cost
            entries[key] = entry
        }
        return entries.values.filter { $0.calls > 0 }
    }

    /// What threads do in chunks beside steps.
    private func chunkEntries(_ tally: WorkerTally) -> [ExecutionProfile.Entry] {
        let steps = tally.steps[program.bodyStart..<program.epilogueStart].reduce(0) { $0 + $1.seconds }
        let between = max(0, tally.bodySeconds - steps)
        return [
            ("pair search and labels", tally.fillSeconds), ("inputs and outputs", tally.setUpSeconds),
            ("between operations", between),
        ].map {
            .init(
                kind: $0, rows: RowSpace.systems.profileLabel, seconds: perBatch * $1,
                calls: perBatch * Double(tally.chunks.calls), rowCount: perBatch * tally.chunks[.systems],
                cost: Cost())
        }
    }

    /// What is done once per batch without a step of the program.
    private func phaseEntries(_ tally: WorkerTally) -> [ExecutionProfile.Entry] {
        let size = Double(precision.elementSize)
        let (lanes, results) = (phases[.chunks]?.width ?? 1, program.results.reduce(0) { $0 + $1.count })
        let added = Double((lanes - 1) * program.accumulatorCount)
        return ExecutionPhase.allCases.filter { phases[$0] != nil }.compactMap { name in
            let cost: Cost
            switch name {
            case .prologue, .chunks, .epilogue: return nil
            case .lanes: cost = Cost(operations: added, bytes: 3 * added * size)
            case .norm: cost = Cost(operations: 2 * Double(results), bytes: Double(results) * size)
            case .errors, .optimizer: cost = Cost()
            }
            return .init(
                kind: name.rawValue, rows: RowSpace.fixed(1).profileLabel,
                seconds: phase(name, tally).pieces.reduce(0) { $0 + $1.threadSeconds }, calls: 1, rowCount: 0,
                cost: cost)
        }
    }

    private func phase(_ phase: ExecutionPhase, _ tally: WorkerTally) -> ExecutionProfile.Phase {
        let measured = phases[phase] ?? (seconds: 0, width: 1)
        let seconds = perBatch * measured.seconds
        let pieces: [(threadSeconds: Double, width: Int)]
        switch phase {
        case .prologue: pieces = [piece(of: program.prologue, from: 0, tally)]
        case .epilogue: pieces = [piece(of: program.epilogue, from: program.epilogueStart, tally)]
        // Threads shared every chunk, or would have if there were more of them.
        case .chunks where program.isShareable && tally.chunks.calls < profiledBatches * max(threads, 2):
            pieces = sections(tally)
        case .chunks:
            pieces = [(perBatch * (tally.fillSeconds + tally.setUpSeconds + tally.bodySeconds), measured.width)]
        case .lanes, .norm, .errors, .optimizer:
            // Even work: every thread that has a part of it is busy all the time.
            pieces = [(seconds * Double(min(threads, measured.width)), measured.width)]
        }
        return .init(name: phase.rawValue, seconds: seconds, pieces: pieces)
    }

    /// The steps of a schedule as one piece.
    private func piece(
        of schedule: Schedule, from first: Int, _ tally: WorkerTally
    ) -> (threadSeconds: Double, width: Int) {
        let seconds = tally.steps[first..<first + schedule.steps.count].map(\.seconds)
        return (perBatch * seconds.reduce(0, +), schedule.width(seconds))
    }

    /// What one thread does for all, and the sections of the body that all threads share.
    private func sections(_ tally: WorkerTally) -> [(threadSeconds: Double, width: Int)] {
        let count = { (set: Int) in
            Int(tally.chunks[.indexed(self.program.numbering.sets[set])]) / max(tally.chunks.calls, 1)
        }
        let sections = program.sections.map { section in
            let steps = tally.steps[
                program.bodyStart + section.steps.lowerBound..<program.bodyStart + section.steps.upperBound]
            let width =
                switch section.kind {
                case .rows(let set): count(set)
                case .blocks(let list):
                    section.sharing.map { PairGroups.width(pairs: count(list), atoms: count($0.elements)) } ?? 1
                case .whole: 1
                }
            return (perBatch * steps.reduce(0) { $0 + $1.seconds }, max(width, 1))
        }
        let shared = sections.reduce(0) { $0 + $1.0 }
        let alone = perBatch * (tally.fillSeconds + tally.setUpSeconds + tally.bodySeconds) - shared
        return [(max(alone, 0), 1)] + sections
    }

    /// Runs a part of a training step; profiles count its time.
    ///
    /// - Parameter width: how many threads can share it.
    public func measuring<Result>(
        _ phase: ExecutionPhase, width: Int = 1, _ work: () throws -> Result
    ) rethrows -> Result {
        guard isProfiling else { return try work() }
        let start = monotonicSeconds()
        defer {
            let before = phases[phase]?.seconds ?? 0
            phases[phase] = (before + monotonicSeconds() - start, max(width, 1))
        }
        return try work()
    }
}

extension Program {
    /// Prologue, body and epilogue.
    var steps: [Step] { prologue.steps + body + epilogue.steps }

    /// The number of the first step of the body.
    var bodyStart: Int { prologue.steps.count }

    /// The number of the first step of the epilogue.
    var epilogueStart: Int { bodyStart + body.count }

    /// The group of a step. Whether a product's matrix is transposed shows in how it was packed.
    func kind(of step: Step) -> OperationKind {
        let kind = step.operation.kind
        guard let packed = step.operation.packedInput.map({ step.inputs[$0].place }) else { return kind }
        let isTransposed = steps.contains {
            $0.output.place == packed && ($0.operation as? PackedMatrix)?.transposed == true
        }
        return isTransposed ? .transposedProduct : kind
    }

    /// Bytes that the numbers of one block of rows take.
    func blockBytes(_ precision: Precision) -> Int {
        places.reduce(0) { total, place in
            guard case .block(_, let count) = place else { return total }
            return total + count * Program.blockRows * precision.elementSize
        }
    }
}

extension RowSpace {
    /// The name in profiles, which have one group for all that does not grow with the batch.
    var profileLabel: String { isFixed ? "once per step" : description }
}
