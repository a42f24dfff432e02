import ApusCPU
import ApusChemistry
import ApusGraph

/// A compiled program of a model that takes batches of systems and gives values by name.
///
/// Training, evaluation, prediction, checks and reports all go this way: systems are cut into chunks, each chunk is
/// encoded on the thread that runs it, and what comes out is decoded by ``Batch``.
public final class BatchProgram {
    /// What runs the program; after a batch it holds the sums.
    public private(set) var executor: Executor
    /// How systems become the inputs of the program.
    public let encoding: BatchEncoding
    private let outputs: [String: Batch.Output]
    /// Compiles the program for chunks of a size.
    private let compiled: (ChunkSize) -> Executor
    private var executors: [ChunkSize: Executor]
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
        executor = compiled(.small)
        executors = [.small: executor]
        encoding = BatchEncoding(model, reading: executor.program.inputNames)
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

    /// Chooses the executor for chunks of a size, with the parameters in use.
    private func choose(_ size: ChunkSize) {
        executor = executors[size] ?? compiled(size)
        executors[size] = executor
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
        choose(ChunkPlan.size(of: systems))
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
