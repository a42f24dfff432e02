import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials

/// Trains a model on samples.
///
/// One step: the systems of a batch are cut into chunks; each chunk runs through predictions, loss and the gradient
/// by all parameters; the gradients are added up, clipped, and AdamW changes the parameters.
public final class Trainer {
    /// How the model is trained.
    public let settings: TrainingSettings
    /// The model with the best parameters so far.
    public private(set) var best: EnergyModel
    /// The epoch with the best parameters so far; nil before the first has ended.
    public var bestEpoch: TrainingState.Best? { progress.best }

    /// Whether filters of the distance are looked up in tables made once per step.
    public let usesTables: Bool

    /// The parameters as the last step left them, in the order of their declarations.
    public var parameterValues: [Double] { parameters.values }

    private let training: Samples
    private let validation: Samples
    let layout: BatchLayout
    let executor: Executor
    private let evaluator: Evaluator
    let parameters: Numbers
    private let moments: (first: Numbers, second: Numbers)
    private let average: Numbers?
    private let spans: [DecayedSpan]
    let cutoff: Double
    private(set) var progress: TrainingState.Progress
    /// The largest finite error of a force in this run, for messages.
    var largestForceError: ForceError?
    /// The errors of the batches of the present epoch that are done.
    private var errors = EvaluationErrors()
    /// The weights of the loss components in the present epoch.
    private(set) var weights: [Double]

    /// Prepares training from the parameters of `model`.
    ///
    /// - Throws: an `ApusError` when the training part is empty or lacks labels that the loss compares.
    public init(
        _ model: EnergyModel, _ settings: TrainingSettings, training: Samples, validation: Samples,
        instructionSet: InstructionSet
    ) throws {
        guard !training.isEmpty else {
            throw ApusError(.data, problem: "the training part of the data is empty", remedy: "change data_split")
        }
        for samples in [training, validation] { try Self.requireLabels(of: samples, settings.loss) }
        self.settings = settings
        self.training = training
        self.validation = validation
        best = model
        usesTables = settings.usesTables ?? Self.tablesPay(model, training, batchSize: settings.batchSize)
        let graph = model.graph(tabulated: usesTables)
        let lossGraph = LossGraph(graph, inputs: model.inputs, loss: settings.loss, properties: settings.reported)
        layout = lossGraph.layout
        let program = lossGraph.training
        executor = Executor(
            program: program, precision: settings.precision, threads: settings.threads,
            instructionSet: instructionSet)
        evaluator = Evaluator(
            model, loss: settings.loss, properties: settings.reported, precision: settings.precision,
            threads: settings.threads,
            instructionSet: instructionSet)
        let numbers = { (values: [Double]) in Numbers(values, precision: settings.precision) }
        let zeros = [Double](repeating: 0, count: model.parameters.count)
        parameters = numbers(model.parameters)
        moments = (numbers(zeros), numbers(zeros))
        average = settings.averagingDecay == nil ? nil : numbers(model.parameters)
        spans = Self.decayedSpans(
            graph.declarations, gradients: program.results, decay: settings.weightDecay)
        cutoff = model.architecture.representation.cutoff
        progress = TrainingState.Progress(learningRate: settings.learningRate)
        progress.plateau = settings.plateau?.schedule
        progress.earlyStopping = settings.earlyStopping
        weights = settings.loss.weights(epoch: 1)
    }

    /// Prepares training on samples in memory.
    ///
    /// - Throws: as the other initialiser.
    public convenience init(
        _ model: EnergyModel, _ settings: TrainingSettings, training: [Sample], validation: [Sample],
        instructionSet: InstructionSet
    ) throws {
        try self.init(
            model, settings, training: Samples(training), validation: Samples(validation),
            instructionSet: instructionSet)
    }

    /// Trains until an end is reached; `best` then holds the result.
    ///
    /// - Parameters:
    ///   - isInterrupted: Asked after every step whether training should stop there, to go on from ``state`` later.
    ///   - report: Called with what happens; ``state`` is that after the event.
    /// - Throws: an `ApusError` when a loss or gradient is not finite, and what `report` throws.
    public func run(
        isInterrupted: () -> Bool = { false }, _ report: (TrainingEvent) throws -> Void
    ) throws -> TrainingEnd {
        let start = monotonicSeconds() - progress.seconds
        while progress.epoch <= settings.epochs {
            if progress.earlyStopping?.hasEnded == true { return .earlyStopping }
            if let limit = settings.maximumSeconds, progress.seconds > limit { return .time }
            let epochStart = monotonicSeconds()
            let order = beginEpoch()
            let batches = settings.batchSize.batches(order, atomCount: training.atomCount)
            let done = batches.prefix(progress.batches).reduce(0) { $0 + $1.count }
            try report(.epochBegan(progress.epoch, systems: order.count - done))
            let stream = BatchStream(training, batches: Array(batches.dropFirst(progress.batches)))
            while let batch = try stream.next() {
                let outcome = try step(batch, &errors)
                progress.batches += 1
                progress.seconds = monotonicSeconds() - start
                switch outcome {
                case .taken(let norm): progress.norms += norm
                case .skipped(let reason):
                    progress.skips.add()
                    try report(.batchSkipped(reason))
                }
                try report(.step(systems: batch.count, loss: errors.total(settings.loss, epoch: progress.epoch)))
                if isInterrupted() { return .interruption }
            }
            let rate = Double(order.count - done) / (monotonicSeconds() - epochStart)
            try report(.epochEnded(try endEpoch(systemsPerSecond: rate, since: start)))
        }
        return progress.earlyStopping?.hasEnded == true ? .earlyStopping : .epochs
    }

    /// The order of the samples in the present epoch.
    private func beginEpoch() -> [Int] {
        weights = settings.loss.weights(epoch: progress.epoch)
        var order = Array(training.indices)
        var generator = SeededGenerator(seed: settings.seed &+ UInt64(progress.epoch) &* 0x9E37_79B9)
        generator.shuffle(&order)
        return order
    }

    /// Validates, keeps the parameters if they are the best, and moves the schedules to the next epoch.
    private func endEpoch(systemsPerSecond: Double, since start: Double) throws -> EpochSummary {
        let validated =
            validation.isEmpty ? nil : try evaluator.errors(on: validation, parameters: average ?? parameters)
        let metric = { (name: String) in (validated ?? self.errors).value(of: name, self.settings.loss) ?? .nan }
        let monitored = metric(settings.monitor)
        let taken = progress.batches - progress.skips.inEpoch
        // Without a batch there are no errors, and a metric may look at a part of what the loss compares.
        let isBest =
            monitored < progress.best?.metric ?? .infinity && (validated != nil || taken > 0)
            && (validated ?? errors).total(settings.loss).isFinite
        if isBest {
            progress.best = TrainingState.Best(
                epoch: progress.epoch, metric: monitored, validationLoss: validated?.total(settings.loss))
            best.parameters = (average ?? parameters).values
        }
        progress.seconds = monotonicSeconds() - start
        let summary = EpochSummary(
            epoch: progress.epoch, training: errors, validation: validated,
            trainingLoss: errors.total(settings.loss, epoch: progress.epoch),
            validationLoss: validated?.total(settings.loss), learningRate: progress.learningRate,
            gradientNorm: progress.norms / Double(max(taken, 1)), seconds: progress.seconds,
            systemsPerSecond: systemsPerSecond, isBest: isBest)
        if let monitor = settings.plateau?.monitor,
            let rate = progress.plateau?.step(rate: progress.learningRate, metric: metric(monitor))
        {
            progress.learningRate = rate
        }
        if let monitor = progress.earlyStopping?.monitor {
            _ = progress.earlyStopping?.endsTraining(after: metric(monitor))
        }
        progress.epoch += 1
        (progress.batches, progress.norms, errors) = (0, 0, EvaluationErrors())
        progress.skips.inEpoch = 0
        return summary
    }

    // MARK: Going on later

    /// What training goes on from.
    public var state: TrainingState {
        var progress = progress
        progress.errors = errors
        return TrainingState(
            progress: progress, parameters: parameters.values, moments: (moments.first.values, moments.second.values),
            average: average?.values, best: best.parameters)
    }

    /// Goes on from an earlier state of the same model on the same data; settings that have changed since are followed.
    ///
    /// - Precondition: The model has as many parameters as the state.
    public func restore(_ state: TrainingState, learningRate: Double? = nil) {
        precondition(state.parameters.count == parameters.count, "the state is of another model")
        progress = state.progress
        errors = progress.errors
        progress.plateau = settings.plateau.map { rule in
            state.progress.plateau.map(rule.schedule.continuing) ?? rule.schedule
        }
        progress.earlyStopping = settings.earlyStopping.map { rule in
            state.progress.earlyStopping.map(rule.continuing) ?? rule
        }
        if let learningRate { progress.learningRate = learningRate }
        parameters.set(state.parameters)
        moments.first.set(state.moments.first)
        moments.second.set(state.moments.second)
        average?.set(state.average ?? state.parameters)
        best.parameters = state.best
    }

    /// One step on a batch: pairs, energies, forces, gradients and the change of the parameters.
    ///
    /// - Throws: an `ApusError` when numbers are not finite and no batch may be skipped any more.
    func step(_ batch: [Sample], _ errors: inout EvaluationErrors) throws -> StepOutcome {
        let chunks = ChunkPlan.cut(atomCounts: batch.map(\.system.count))
        let (cutoff, layout) = (cutoff, layout)
        let weights = weights.map { $0 / Double(batch.count) }
        let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
            let samples = batch[chunks[k]]
            try chunk.fill(with: samples, cutoff: cutoff)
            layout.fill(&chunk, with: samples, weights: weights)
        }
        let norm = executor.sumOfSquares().squareRoot()
        let clip = settings.gradientClip.map { min(1, $0 / (norm + 1e-6)) } ?? 1
        guard layout.hasFiniteLoss(outputs), isUsable(norm: norm, scale: clip) else {
            return try skip(batch, chunks, outputs, norm: norm)
        }
        for (range, values) in zip(chunks, outputs) {
            layout.compare(values, with: batch[range], into: &errors)
            let error = layout.largestForceError(values, batch[range])
            if let error, error.size > largestForceError?.size ?? 0 { largestForceError = error }
        }
        progress.steps += 1
        executor.adamW(
            parameters, moments: moments, spans: spans,
            step: AdamWStep(
                rate: progress.learningRate, beta1: settings.betas.0, beta2: settings.betas.1,
                epsilon: settings.epsilon,
                gradientScale: clip, number: progress.steps))
        if let average, let decay = settings.averagingDecay {
            // The average follows fast at first, or it would remember the random start.
            average.approach(parameters, by: 1 - min(decay, Double(1 + progress.steps) / Double(10 + progress.steps)))
        }
        guard parameters.areFinite else { throw parametersOverflow(batch) }
        return .taken(norm: norm)
    }

    /// Tables cost as much as the filters of their rows; they pay when a batch has clearly more pairs.
    private static func tablesPay(_ model: EnergyModel, _ samples: Samples, batchSize: BatchSize) -> Bool {
        let representation = model.architecture.representation
        guard let tabulation = representation.tabulation else { return false }
        let some = samples.prefix(32)
        // Pairs that cannot be listed are reported when they are trained on.
        let pairs = some.reduce(0) { count, sample in
            count + ((try? NeighborPairs(sample.system, cutoff: representation.cutoff).count) ?? 0)
        }
        let atoms = some.reduce(0) { $0 + $1.system.count }
        let systems = min(batchSize.estimate(atomsPerSystem: atoms / some.count), samples.count)
        return pairs * systems / some.count > 5 * tabulation.points
    }

    private static func requireLabels(of samples: Samples, _ loss: Loss) throws {
        for missing in loss.properties {
            guard let position = samples.indices.first(where: { [isKnown = samples.hasLabel(missing)] in !isKnown($0) })
            else { continue }
            throw ApusError(
                .data, problem: "\(samples[position].name) has no \(missing.name), which the loss compares",
                remedy: "remove the component from training.loss_parameter or complete the data")
        }
    }

    /// Decay for the matrices of linear layers, none for biases and embeddings.
    private static func decayedSpans(
        _ declarations: [ParameterDeclaration], gradients: [Program.Span], decay: Double
    ) -> [DecayedSpan] {
        var offset = 0
        return zip(declarations, gradients).map { declaration, gradient in
            defer { offset += declaration.count }
            let decays = declaration.initializer == .glorotUniform
            return DecayedSpan(
                offset: offset, gradientOffset: gradient.offset, count: declaration.count, decay: decays ? decay : 0)
        }
    }
}
