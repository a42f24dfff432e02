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
    /// Bytes of the numbers of one block of pairs.
    public let blockBytes: Int
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
        instructionSet: InstructionSet
    ) throws {
        let trainer = try Trainer(
            model, settings, training: batch, validation: [], instructionSet: instructionSet)
        var errors = EvaluationErrors()
        /// The seconds of steps; after each comes what `done` does with them.
        func measure(_ done: (Double) -> Void) throws -> [Double] {
            var times: [Double] = []
            let start = monotonicSeconds()
            repeat {
                let stepStart = monotonicSeconds()
                _ = try trainer.step(batch, &errors)
                times.append(monotonicSeconds() - stepStart)
                done(times.last!)
            } while monotonicSeconds() - start < seconds || times.count < 5
            return times
        }
        for _ in 0..<3 { _ = try trainer.step(batch, &errors) }
        stepSeconds = try measure { _ in }.sorted()
        profile = profiled ? try Self.profile(of: trainer, measure) : nil
        systems = batch.count
        atoms = batch.reduce(0) { $0 + $1.system.count }
        var chunk = Chunk()
        try chunk.fill(with: batch.map(\.system), cutoff: model.architecture.representation.cutoff)
        pairs = chunk.pairFirst.count
        matrixOperations =
            trainer.executor.program.operations(.init(systems: systems, atoms: atoms, pairs: pairs)).matrix
        usesTables = trainer.usesTables
        arenaBytes = trainer.executor.arenaBytes
        blockBytes = trainer.executor.program.blockBytes(settings.precision)
    }

    /// The profile of the fastest step: other work on the machine makes steps longer, never shorter.
    private static func profile(
        of trainer: Trainer, _ measure: ((Double) -> Void) throws -> [Double]
    ) rethrows -> StepProfile? {
        let executor = trainer.executor
        var fastest: StepProfile?
        executor.isProfiling = true
        defer { executor.isProfiling = false }
        let times = try measure { seconds in
            if seconds < fastest?.seconds ?? .infinity {
                fastest = StepProfile(
                    executor, optimizer: trainer.settings.optimizer, parameters: trainer.parameters.count,
                    seconds: seconds)
            }
            // Begins anew.
            executor.isProfiling = true
        }
        fastest?.steps = times.count
        return fastest
    }
}
