import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

/// A compiled program of a model that takes batches of systems and gives values by name.
///
/// Training, evaluation, prediction, checks and reports all go this way: systems are cut into chunks, each chunk is
/// encoded on the thread that runs it, and what comes out is decoded by ``Batch``.
public final class BatchProgram {
    /// What runs the program; after a batch it holds the sums. Large systems have one of their own.
    public var executor: Executor { executors[size]! }
    /// How systems become the inputs of the program.
    public let encoding: BatchEncoding
    private let outputs: [String: Batch.Output]
    /// Compiles the program for chunks of a size.
    private let compiled: (ChunkSize) -> Executor
    private var executors: [ChunkSize: Executor]
    private var size = ChunkSize.small
    /// The sizes whose executors have computed what depends on the parameters.
    private var prepared: Set<ChunkSize> = []
    private var parameters: Numbers?

    /// Compiles a program.
    ///
    /// - Parameters:
    ///   - model: The model that the tensors are of.
    ///   - outputs: What comes out for every system or atom, by name.
    ///   - sums: What is added up over the batch, such as gradients.
    ///   - device: What the program runs on.
    public init(
        _ model: EnergyModel, outputs: [(name: String, tensor: Tensor)], sums: [Tensor] = [], on device: Device
    ) {
        compiled = { size in Executor(compile(outputs: outputs.map(\.tensor), sums: sums, for: size), on: device) }
        let first = compiled(.small)
        executors = [.small: first]
        encoding = BatchEncoding(model, reading: first.program.inputNames)
        self.outputs = Dictionary(
            uniqueKeysWithValues: outputs.enumerated().map { position, output in
                (output.name, Batch.Output(position: position, rows: output.tensor.rows, shape: output.tensor.shape))
            })
    }

    /// Uses parameters from now on. They are read again while the program runs, so they must stay.
    public func prepare(_ parameters: Numbers) {
        self.parameters = parameters
        prepared = []
    }

    /// What the arenas of a thread need, in bytes.
    public var arenaBytes: Int { executors.values.reduce(0) { $0 + $1.arenaBytes } }

    /// The sums of subtrees of lanes and what becomes of them, in bytes.
    public var accumulatorBytes: Int { executors.values.reduce(0) { $0 + $1.accumulatorBytes } }

    /// Chooses the executor for chunks of a size, with the parameters in use.
    private func choose(_ size: ChunkSize) {
        if executors[size] == nil {
            let other = compiled(size)
            require(other.program.results == executor.program.results, "both programs keep their sums in one order")
            executors[size] = other
        }
        self.size = size
        if let parameters, prepared.insert(size).inserted { executor.prepare(parameters) }
    }

    /// Runs the program on systems.
    ///
    /// - Parameters:
    ///   - parameters: The flat parameters; nil for those that were prepared.
    ///   - add: Adds further inputs to the chunk that holds a range of the systems, on the thread that runs it.
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    public func run(
        _ systems: [AtomicSystem], parameters: Numbers? = nil,
        adding add: @Sendable (Range<Int>, inout Chunk) -> Void = { _, _ in }
    ) throws -> Batch {
        if let parameters { prepare(parameters) }
        choose(ChunkPlan.size(largestSystem: systems.reduce(0) { max($0, $1.count) }))
        let encoding = encoding
        let chunks = ChunkPlan.cut(systems, cutoff: encoding.cutoff)
        let values = try executor.runPrepared(chunks: chunks.count) { k, chunk in
            try encoding.fill(&chunk, with: systems[chunks[k]])
            add(chunks[k], &chunk)
        }
        return Batch(systems: systems, chunks: chunks, outputs: outputs, values: values)
    }
}

/// How systems become the inputs of a program.
public struct BatchEncoding: Sendable {
    /// The pairs that are listed.
    private let pairLists: [PairRequest]
    /// The largest cutoff.
    var cutoff: Double { pairLists.map(\.cutoff).max() ?? 0 }
    /// What the model reads of systems beside the geometry.
    private let inputs: [SystemInput]

    /// What a model needs, and a program of it that reads inputs with these names.
    init(_ model: EnergyModel, reading names: Set<String>) {
        pairLists = model.pairLists
        inputs = SystemInput.allCases.filter { names.contains($0.rawValue) }
    }

    /// What the energies of a model need.
    public init(_ model: EnergyModel) {
        pairLists = model.pairLists
        inputs = model.inputs
    }

    /// Fills an empty chunk with systems.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    public func fill(_ chunk: inout Chunk, with systems: some Collection<AtomicSystem>) throws(AtomicSystemError) {
        try chunk.fill(with: systems, pairLists)
        chunk.add(inputs, of: systems)
    }

    /// The rows that systems have in a program.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    public func sizes(of systems: some Collection<AtomicSystem>) throws(AtomicSystemError) -> RowCounts {
        var chunk = Chunk()
        try chunk.fill(with: systems, pairLists)
        return chunk.counts
    }
}
