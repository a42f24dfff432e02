import ApusCPU
import ApusGraph
import ApusPotentials

/// Measures how fast a model trains on one batch: pair search, energies, forces, gradients and optimiser step.
public struct ThroughputBenchmark: Sendable {
    /// Systems in the batch.
    public let systems: Int
    /// Atoms in the batch.
    public let atoms: Int
    /// Undirected pairs in the batch.
    public let pairs: Int
    /// Seconds of each measured step, ascending.
    public let stepSeconds: [Double]
    /// Floating-point operations in matrix products of one step, estimated from the program.
    public let matrixOperations: Double
    /// Whether filters were looked up in tables.
    public let usesTables: Bool
    /// Bytes of the arena of one thread.
    public let arenaBytes: Int
    /// Where the time goes, measured in further steps; nil unless wanted.
    public let profile: StepProfile?

    /// The median time of a step in seconds.
    public var medianSeconds: Double { stepSeconds[stepSeconds.count / 2] }
    /// Systems per second, by the median.
    public var systemsPerSecond: Double { Double(systems) / medianSeconds }
    /// Operations in matrix products per second, by the median.
    public var matrixOperationsPerSecond: Double { matrixOperations / medianSeconds }

    /// Trains on the batch for at least `seconds`, and as long again for a profile.
    public init(
        _ model: EnergyModel, _ settings: TrainingSettings, batch: [Sample], seconds: Double, profiled: Bool = false,
        on device: Device
    ) throws {
        let trainer = try Trainer(model, settings, training: batch, validation: [], on: device)
        var errors = EvaluationErrors()
        let step = { _ = try trainer.step(batch, &errors) }
        for _ in 0..<3 { try step() }
        stepSeconds = try ApusCPU.stepSeconds(for: seconds, step).sorted()
        profile = profiled ? try .fastest(on: trainer.executor, costs: trainer.phaseCosts, seconds: seconds, step) : nil
        let sizes = try trainer.program.encoding.sizes(of: batch.map(\.system))
        (systems, atoms, pairs) = (sizes[.systems], sizes[.atoms], sizes[.pairs])
        matrixOperations = trainer.executor.program.operations(sizes).matrix
        usesTables = trainer.usesTables
        arenaBytes = trainer.executor.arenaBytes
    }
}

extension Trainer {
    /// What the parts of a step take that the executor does not know.
    fileprivate var phaseCosts: [ExecutionPhase: Cost] {
        [.optimizer: settings.optimizer.cost(parameters: parameters.count, elementSize: device.precision.elementSize)]
    }
}
