import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusSystem

/// What training costs on this machine, measured with a few steps of a trainer that is thrown away.
public struct TrainingForecast: Sendable {
    /// What training keeps in memory beside the data, in bytes; code, results and the samples of a batch are not counted.
    public struct Memory: Sendable {
        /// The parameters, and their moving average if there is one.
        public let parameters: Int
        /// What the optimiser remembers.
        public let moments: Int
        /// The gradients of all lanes and their sum.
        public let gradients: Int
        /// The largest arena of a thread: the tensors of a chunk, as the measured steps needed it.
        public let arenaPerThread: Int
        /// The threads, each with an arena.
        public let threads: Int

        /// All of it.
        public var total: Int { parameters + moments + gradients + threads * arenaPerThread }
    }

    /// Steps in the first epoch; with a limit of atoms the number changes a little from epoch to epoch.
    public let stepsPerEpoch: Int
    /// Seconds of each measured step, ascending.
    public let stepSeconds: [Double]
    /// Floating-point operations in matrix products of a step, the mean over the measured ones, estimated from the
    /// program.
    public let matrixOperations: Double
    /// Seconds for the errors on the whole validation part, scaled up from a piece of it; zero without one.
    public let validationSeconds: Double
    /// Whether filters are looked up in tables.
    public let usesTables: Bool
    /// Memory beside the data.
    public let memory: Memory

    /// The median time of a step in seconds.
    public var medianSeconds: Double { stepSeconds[stepSeconds.count / 2] }
    /// Seconds for an epoch with its validation.
    public var epochSeconds: Double { Double(stepsPerEpoch) * medianSeconds + validationSeconds }

    /// Trains for about `seconds`, at least three steps and at most 200, after two that are not measured.
    ///
    /// - Throws: as ``Trainer`` and its steps.
    public init(
        _ model: EnergyModel, _ settings: TrainingSettings, training: Samples, validation: Samples, seconds: Double,
        on device: Device
    ) throws {
        let trainer = try Trainer(model, settings, training: training, validation: validation, on: device)
        var order = Array(training.indices)
        var generator = SeededGenerator(seed: settings.seed)
        generator.shuffle(&order)
        let batches = settings.batchSize.batches(order, atomCount: training.atomCount)
        stepsPerEpoch = batches.count

        var errors = EvaluationErrors()
        var times: [Double] = []
        var operations = 0.0
        let start = monotonicSeconds()
        for number in 0..<202 {
            if times.count >= 3, monotonicSeconds() - start > seconds { break }
            // Training makes the next batch in the background, so that this does not count.
            let batch = batches[number % batches.count].map { training[$0] }
            let stepStart = monotonicSeconds()
            _ = try trainer.step(batch, &errors)
            guard number >= 2 else { continue }
            times.append(monotonicSeconds() - stepStart)
            let sizes = try trainer.program.encoding.sizes(of: batch.map(\.system))
            operations += trainer.executor.program.operations(sizes).matrix
        }
        stepSeconds = times.sorted()
        matrixOperations = operations / Double(times.count)
        usesTables = trainer.usesTables

        let isAveraged = settings.averagingDecay != nil || settings.stochasticAveraging != nil
        let numbers = model.parameters.count * device.precision.elementSize
        memory = Memory(
            parameters: (isAveraged ? 2 : 1) * numbers, moments: settings.optimizer.momentNames.count * numbers,
            gradients: trainer.executor.accumulatorBytes, arenaPerThread: trainer.executor.arenaBytes,
            threads: device.threads)
        validationSeconds = try Self.evaluationSeconds(model, settings, validation, device)
    }

    private static func evaluationSeconds(
        _ model: EnergyModel, _ settings: TrainingSettings, _ samples: Samples, _ device: Device
    ) throws -> Double {
        guard !samples.isEmpty else { return 0 }
        let evaluator = Evaluator(model, loss: settings.loss, properties: settings.reported, on: device)
        let parameters = Numbers(model.parameters, on: device)
        let piece = Array(samples.prefix(256))
        // The first time memory is made.
        _ = try evaluator.errors(on: piece, parameters: parameters)
        let start = monotonicSeconds()
        _ = try evaluator.errors(on: piece, parameters: parameters)
        return (monotonicSeconds() - start) * Double(samples.count) / Double(piece.count)
    }
}
