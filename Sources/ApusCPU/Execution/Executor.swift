import ApusGraph
import ApusSystem
import CApusKernels
import Synchronization

/// Runs a program on batches, chunk by chunk on several threads.
///
/// Chunks belong to lanes, whose sums are added in a tree that depends on the number of chunks alone (`LaneTree`), so the sums
/// have the same bits for any number of threads. Threads take whole subtrees of lanes; nothing is locked within a step.
public final class Executor {
    /// What is run.
    public let program: Program
    /// The number format.
    public let precision: Precision
    /// The kernels in use.
    public let instructionSet: InstructionSet
    /// Threads that run chunks.
    public let threads: Int
    /// The sums after the last batch; `program.results` says where each stands.
    public let sums: Numbers

    let kernels: apus_kernels
    private let shared: [(place: Int, numbers: Numbers)]
    let workers: [Worker]
    let team: ThreadTeam
    /// Sums of the subtrees of lanes, the first of which are `sums`.
    private var subtreeSums: [Numbers]
    /// Sums that threads use again, for each of them.
    private var spareSums: [[Numbers]]
    /// The parameters in use.
    var prepared: Numbers?

    /// Prepares the memory to run a program.
    public init(program: Program, precision: Precision, threads: Int, instructionSet: InstructionSet) {
        require(threads > 0, "a program needs a thread to run on, not \(threads)")
        if Program.areVerified, let fault = program.fault() { fatalError("a program is wrong: \(fault)") }
        self.program = program
        self.precision = precision
        self.threads = threads
        self.instructionSet = instructionSet
        team = ThreadTeam(size: threads)
        kernels = instructionSet.kernels(precision)
        sums = Numbers(count: program.sumCount, precision: precision)
        var shared: [(place: Int, numbers: Numbers)] = []
        for (place, kind) in program.places.enumerated() {
            switch kind {
            case .shared(let count): shared.append((place, Numbers(count: count, precision: precision)))
            case .packed(let rows, let columns):
                let count = Int(kernels.packed_count(rows, columns))
                shared.append((place, Numbers(count: count, precision: precision)))
            case .parameter, .chunk, .block, .accumulator: break
            }
        }
        self.shared = shared
        subtreeSums = [sums]
        spareSums = [[Numbers]](repeating: [], count: threads)
        let kernelTable = instructionSet.kernelTable(precision)
        workers = (0..<threads).map { _ in Worker(program: program, kernelTable: kernelTable) }
        for (place, values) in program.constants {
            let numbers = shared.first { $0.place == place }!.numbers
            for (k, value) in values.enumerated() { numbers[k] = value }
        }
        for worker in workers {
            for (place, numbers) in shared { worker.table.places[place] = numbers.pointer }
        }
    }

    /// The largest arena of a thread so far, in bytes.
    public var arenaBytes: Int { workers.map(\.arenaBytes).max() ?? 0 }

    /// The sums of subtrees of lanes and what becomes of them, in bytes.
    public var accumulatorBytes: Int {
        let others = subtreeSums.count - 1 + spareSums.reduce(0) { $0 + $1.count }
        return (sums.count + others * program.accumulatorCount) * precision.elementSize
    }

    /// Whether to measure where the time goes, which `profile` says; setting it begins anew.
    public var isProfiling = false {
        didSet {
            let count = program.epilogueStart + program.epilogue.steps.count
            for worker in workers {
                worker.tally = isProfiling ? WorkerTally(steps: count, sets: program.numbering.sets.count) : nil
            }
            phases = [:]
            profiledBatches = 0
        }
    }
    var phases: [ExecutionPhase: (seconds: Double, width: Int)] = [:]
    var profiledBatches = 0

    /// Runs a batch of `chunks` chunks.
    ///
    /// - Parameters:
    ///   - parameters: the flat parameters, in the executor's precision.
    ///   - fill: writes chunk k into a cleared chunk; it is called on the thread that runs the chunk.
    /// - Returns: the outputs of each chunk. The sums are in `sums`.
    /// - Throws: the error of the first chunk that could not be filled.
    public func run(
        chunks: Int, parameters: Numbers, fill: @Sendable (Int, inout Chunk) throws -> Void
    ) throws -> [ChunkOutputs] {
        prepare(parameters)
        return try runPrepared(chunks: chunks, fill: fill)
    }

    /// Computes what depends on parameters alone. They are read again while the program runs, so they must stay.
    public func prepare(_ parameters: Numbers) {
        require(
            parameters.count == program.parameterCount && parameters.precision == precision,
            "\(parameters.count) \(parameters.precision) parameters do not fit the program")
        prepared = parameters
        for worker in workers { point(worker, at: parameters) }
        measuring(.prologue) { run(program.prologue, first: 0) }
    }

    /// Runs a batch with the parameters that were prepared, as `run` does.
    public func runPrepared(
        chunks: Int, fill: @Sendable (Int, inout Chunk) throws -> Void
    ) throws -> [ChunkOutputs] {
        require(prepared != nil, "a program runs after its parameters are prepared")
        let tree = LaneTree(chunks: chunks)
        while subtreeSums.count < tree.subtrees { subtreeSums.append(newSums()) }
        if chunks == 0 { clearSums() }

        let isShared = program.isShareable && chunks < threads
        let outputs = try measuring(.chunks, width: isShared ? threads : tree.subtrees) {
            try isShared ? runShared(chunks: chunks, fill) : run(tree, fill)
        }
        measuring(.lanes, width: tree.subtrees > 1 ? sumBlocks : 1) { addSubtrees(tree) }
        for worker in workers { point(worker, atSums: sums) }
        measuring(.epilogue) { run(program.epilogue, first: program.epilogueStart) }
        profiledBatches += isProfiling ? 1 : 0
        return outputs
    }

    private func newSums() -> Numbers { Numbers(count: program.accumulatorCount, precision: precision) }

    /// Runs the body on all chunks, each thread subtree after subtree.
    private func run(
        _ tree: LaneTree, _ fill: @Sendable (Int, inout Chunk) throws -> Void
    ) throws -> [ChunkOutputs] {
        var results = [Result<ChunkOutputs, any Error>?](repeating: nil, count: tree.chunks)
        let next = Atomic(0)
        results.withUnsafeMutableBufferPointer { results in
            // Each chunk's result is written by one thread, and each worker and its spare sums belong to one thread.
            let state = Unshared((results: results, executor: self))
            team.run(width: min(threads, max(tree.subtrees, 1))) { thread in
                let (results, executor) = state.value
                while true {
                    let subtree = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard subtree < tree.subtrees else { break }
                    executor.run(tree, subtree, thread, fill, results)
                }
            }
        }
        return try results.map { try $0!.get() }
    }

    /// Runs the lanes of a subtree, whose sum is in its place at the end.
    private func run(
        _ tree: LaneTree, _ subtree: Int, _ thread: Int, _ fill: @Sendable (Int, inout Chunk) throws -> Void,
        _ results: UnsafeMutableBufferPointer<Result<ChunkOutputs, any Error>?>
    ) {
        let worker = workers[thread]
        let lanes = tree.lanes(of: subtree)
        var counter = LaneCounter()
        for lane in lanes {
            let sum =
                lane == lanes.lowerBound ? subtreeSums[subtree] : spareSums[thread].popLast() ?? newSums()
            point(worker, atSums: sum)
            let chunks = tree.chunks(of: lane)
            for k in chunks { results[k] = Result { try worker.run(k, fill, firstOfLane: k == chunks.lowerBound) } }
            counter.push(sum) {
                add($1, to: $0, 0..<program.accumulatorCount)
            } release: {
                spareSums[thread].append($0)
            }
        }
    }

    /// Adds elements of sums to others.
    private func add(_ sum: Numbers, to target: Numbers, _ elements: Range<Int>) {
        guard !elements.isEmpty else { return }
        let offset = elements.lowerBound * precision.elementSize
        let start = target.pointer + offset
        kernels.add_scaled(elements.count, start, 1, sum.pointer + offset, start)
    }

    /// Runs steps with fixed rows, each when those that it depends on are done.
    ///
    /// - Parameter first: the number of the first step in the program.
    private func run(_ schedule: Schedule, first: Int) {
        let next = Atomic(0)
        let done = Flags(count: schedule.steps.count)
        let state = Unshared(self)
        team.run(width: min(threads, schedule.steps.count)) { thread in
            let worker = state.value.workers[thread]
            while true {
                let k = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard k < schedule.steps.count else { break }
                // Steps are taken in order, so those waited for are in the hands of threads that run.
                for needed in schedule.dependencies[k] { waitActively { done[needed] } }
                worker.runFixed(schedule.steps[k], number: first + k)
                done.raise(k)
            }
        }
    }

    func point(_ worker: Worker, at parameters: Numbers) {
        for (place, kind) in program.places.enumerated() {
            guard case .parameter(let span) = kind else { continue }
            worker.table.places[place] = parameters.pointer + span.offset * precision.elementSize
        }
    }

    func point(_ worker: Worker, atSums accumulators: Numbers) {
        for (place, kind) in program.places.enumerated() {
            guard case .accumulator(let span) = kind, span.offset + span.count <= accumulators.count else { continue }
            worker.table.places[place] = accumulators.pointer + span.offset * precision.elementSize
        }
    }

    private func clearSums() {
        sums.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: sums.count * precision.elementSize)
    }

    /// Elements of the accumulators that a thread adds up at a time, and how many such blocks there are.
    private static let sumBlock = 2048
    private var sumBlocks: Int { (program.accumulatorCount + Self.sumBlock - 1) / Self.sumBlock }

    /// Adds up the sums of the subtrees, each thread some of the elements.
    private func addSubtrees(_ tree: LaneTree) {
        guard tree.subtrees > 1, program.accumulatorCount > 0 else { return }
        let additions = LaneTree.additions(tree.subtrees)
        let next = Atomic(0)
        let state = Unshared(self)
        team.run(width: min(threads, sumBlocks)) { _ in
            let executor = state.value
            while true {
                let first = next.wrappingAdd(1, ordering: .relaxed).oldValue * Self.sumBlock
                guard first < executor.program.accumulatorCount else { break }
                let elements = first..<min(first + Self.sumBlock, executor.program.accumulatorCount)
                for (from, to) in additions {
                    executor.add(executor.subtreeSums[from], to: executor.subtreeSums[to], elements)
                }
            }
        }
    }
}

/// Lets a value be used by several threads; the user sees to it that they touch different parts of it.
struct Unshared<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
