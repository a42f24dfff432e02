import ApusGraph
import ApusSystem
import CApusKernels
import Synchronization

/// Runs a program on batches, chunk by chunk on several threads.
///
/// Chunk k belongs to lane k mod n, where the number of lanes n follows from that of the chunks. A lane adds up its chunks
/// in order, and the lanes are added in order, so the sums have the same bits for any number of threads. Threads take
/// whole lanes; nothing is locked within a step.
public final class Executor {
    /// Lanes of a batch, which is as many threads as it can occupy: 8, and up to 32 for batches that give each of them 8
    /// chunks, so that adding up the lanes stays a small part. The same on every machine, since sums depend on it.
    public static func laneCount(chunks: Int) -> Int {
        var count = 8
        while count < 32 && chunks >= 16 * count { count *= 2 }
        return min(count, chunks)
    }

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
    private var lanes: [Numbers] = []
    /// The parameters in use.
    private var prepared: Numbers?

    /// Prepares the memory to run a program.
    public init(program: Program, precision: Precision, threads: Int, instructionSet: InstructionSet) {
        require(threads > 0, "a program needs a thread to run on, not \(threads)")
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
        let kernelTable = instructionSet.kernelTable(precision)
        workers = (0..<threads).map { _ in Worker(program: program, kernelTable: kernelTable) }
        for (place, values) in program.constants {
            let numbers = shared.first { $0.place == place }!.numbers
            for (k, value) in values.enumerated() { numbers[k] = value }
        }
        for worker in workers {
            for (place, numbers) in shared { worker.locations[place] = numbers.pointer }
        }
    }

    /// The largest arena of a thread so far, in bytes.
    public var arenaBytes: Int { workers.map(\.arenaBytes).max() ?? 0 }

    /// The gradients of all lanes so far and what becomes of them, in bytes.
    public var accumulatorBytes: Int {
        (sums.count + lanes.count * program.accumulatorCount) * precision.elementSize
    }

    /// Whether to measure where the time goes, which `profile` says; setting it begins anew.
    public var isProfiling = false {
        didSet {
            let count = program.epilogueStart + program.epilogue.steps.count
            for worker in workers { worker.tally = isProfiling ? WorkerTally(steps: count) : nil }
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
        let laneCount = Self.laneCount(chunks: chunks)
        // The first lane adds up in the final buffer.
        while lanes.count + 1 < laneCount {
            lanes.append(Numbers(count: program.accumulatorCount, precision: precision))
        }
        if chunks == 0 { clearSums() }

        let isShared = program.isShareable && chunks < threads
        let outputs = try measuring(.chunks, width: isShared ? threads : laneCount) {
            try isShared ? runShared(chunks: chunks, fill) : run(chunks: chunks, laneCount: laneCount, fill)
        }
        measuring(.lanes, width: laneCount > 1 ? laneBlocks : 1) { addLanes(laneCount) }
        for worker in workers { point(worker, atSums: sums) }
        measuring(.epilogue) { run(program.epilogue, first: program.epilogueStart) }
        profiledBatches += isProfiling ? 1 : 0
        return outputs
    }

    /// Runs the body on all chunks, each thread lane after lane.
    private func run(
        chunks: Int, laneCount: Int, _ fill: @Sendable (Int, inout Chunk) throws -> Void
    ) throws -> [ChunkOutputs] {
        var results = [Result<ChunkOutputs, any Error>?](repeating: nil, count: chunks)
        let next = Atomic(0)
        results.withUnsafeMutableBufferPointer { results in
            // Each chunk's result is written by one thread, and each worker belongs to one thread.
            let state = Unshared((results: results, executor: self))
            team.run(width: min(threads, max(laneCount, 1))) { thread in
                let (results, executor) = state.value
                let worker = executor.workers[thread]
                while true {
                    let lane = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard lane < laneCount else { break }
                    executor.point(worker, atSums: lane == 0 ? executor.sums : executor.lanes[lane - 1])
                    for k in stride(from: lane, to: chunks, by: laneCount) {
                        results[k] = Result { try worker.run(k, fill, firstOfLane: k == lane) }
                    }
                }
            }
        }
        return try results.map { try $0!.get() }
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
            worker.locations[place] = parameters.pointer + span.offset * precision.elementSize
        }
    }

    func point(_ worker: Worker, atSums accumulators: Numbers) {
        for (place, kind) in program.places.enumerated() {
            guard case .accumulator(let span) = kind, span.offset + span.count <= accumulators.count else { continue }
            worker.locations[place] = accumulators.pointer + span.offset * precision.elementSize
        }
    }

    private func clearSums() {
        sums.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: sums.count * precision.elementSize)
    }

    /// Elements of the accumulators that a thread adds up at a time, and how many such blocks there are.
    private static let laneBlock = 4096
    private var laneBlocks: Int { (program.accumulatorCount + Self.laneBlock - 1) / Self.laneBlock }

    /// Adds the lanes to the first one in their order, each thread a stretch of the elements.
    private func addLanes(_ laneCount: Int) {
        guard laneCount > 1, program.accumulatorCount > 0 else { return }
        let block = Self.laneBlock
        let next = Atomic(0)
        let state = Unshared(self)
        team.run(width: min(threads, laneBlocks)) { _ in
            let executor = state.value
            let size = executor.precision.elementSize
            while true {
                let first = next.wrappingAdd(1, ordering: .relaxed).oldValue * block
                guard first < executor.program.accumulatorCount else { break }
                let count = min(block, executor.program.accumulatorCount - first)
                let target = executor.sums.pointer + first * size
                for lane in executor.lanes.prefix(laneCount - 1) {
                    executor.kernels.add_scaled(count, target, 1, lane.pointer + first * size, target)
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
