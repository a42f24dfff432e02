import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials

/// Trains a model on samples.
///
/// One step: the systems of a batch are cut into chunks; each chunk runs through predictions, loss and the gradient
/// by all parameters; the gradients are added up, clipped, and an optimiser changes the parameters.
public final class Trainer {
    /// How the model is trained.
    public let settings: TrainingSettings
    /// The model with the best parameters so far.
    public private(set) var best: EnergyModel
    /// The value of the monitored metric that the best parameters reached.
    public private(set) var bestMetric = Double.infinity

    /// Whether filters of the distance are looked up in tables made once per step.
    public let usesTables: Bool

    private let training: Samples
    private let validation: Samples
    private let layout: BatchLayout
    let executor: Executor
    private let evaluator: Evaluator
    private let parameters: Numbers
    private let moments: [Numbers]
    private let average: Numbers?
    private let spans: [DecayedSpan]
    private let cutoff: Double
    private var learningRate: LearningRate
    private var earlyStopping: EarlyStopping?
    private var steps = 0
    /// The weights of the loss components in the present epoch.
    private var weights: [Double]

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
        moments = settings.optimizer.momentNames.map { _ in numbers(zeros) }
        average = settings.averagingDecay == nil ? nil : numbers(model.parameters)
        spans = Self.decayedSpans(
            graph.declarations, gradients: program.results, decay: settings.weightDecay)
        cutoff = model.architecture.representation.cutoff
        learningRate = LearningRate(settings)
        earlyStopping = settings.earlyStopping
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
    /// - Throws: an `ApusError` when a loss or gradient is not finite, and what `report` throws.
    public func run(_ report: (TrainingEvent) throws -> Void) throws -> TrainingEnd {
        let start = monotonicSeconds()
        for epoch in 1...settings.epochs {
            let epochStart = monotonicSeconds()
            weights = settings.loss.weights(epoch: epoch)
            var order = Array(training.indices)
            var generator = SeededGenerator(seed: settings.seed &+ UInt64(epoch) &* 0x9E37_79B9)
            generator.shuffle(&order)
            let rate = learningRate.value
            var errors = EvaluationErrors()
            var norms = 0.0
            var batches = 0
            try report(.epochBegan(epoch, systems: order.count))
            let stream = BatchStream(
                training, batches: settings.batchSize.batches(order, atomCount: training.atomCount))
            while let batch = try stream.next() {
                norms += try step(batch, &errors)
                batches += 1
                try report(.step(systems: batch.count, loss: errors.total(settings.loss, epoch: epoch)))
            }
            let epochSeconds = monotonicSeconds() - epochStart
            let validated =
                validation.isEmpty ? nil : try evaluator.errors(on: validation, parameters: average ?? parameters)
            let metric = { (name: String) in (validated ?? errors).value(of: name, self.settings.loss) ?? .nan }
            let monitored = metric(settings.monitor)
            let isBest = monitored < bestMetric
            if isBest {
                bestMetric = monitored
                best.parameters = (average ?? parameters).values
            }
            try report(
                .epochEnded(
                    EpochSummary(
                        epoch: epoch, training: errors, validation: validated,
                        trainingLoss: errors.total(settings.loss, epoch: epoch),
                        validationLoss: validated?.total(settings.loss), learningRate: rate,
                        gradientNorm: norms / Double(batches), seconds: monotonicSeconds() - start,
                        systemsPerSecond: Double(order.count) / epochSeconds, isBest: isBest)))
            learningRate.epochEnded(metric: settings.plateau.map { metric($0.monitor) })
            if let monitor = earlyStopping?.monitor, earlyStopping?.endsTraining(after: metric(monitor)) == true {
                return .earlyStopping
            }
            if let limit = settings.maximumSeconds, monotonicSeconds() - start > limit { return .time }
        }
        return .epochs
    }

    /// One step on a batch: pairs, energies, forces, gradients and the change of the parameters.
    ///
    /// - Returns: the norm of the gradient before clipping.
    func step(_ batch: [Sample], _ errors: inout EvaluationErrors) throws -> Double {
        let chunks = ChunkPlan.cut(atomCounts: batch.map(\.system.count))
        let (cutoff, layout) = (cutoff, layout)
        let weights = weights.map { $0 / Double(batch.count) }
        let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
            let samples = batch[chunks[k]]
            try chunk.fill(with: samples.lazy.map(\.system), cutoff: cutoff)
            layout.fill(&chunk, with: samples, weights: weights)
        }
        for (range, values) in zip(chunks, outputs) { layout.compare(values, with: batch[range], into: &errors) }
        let norm = executor.sumOfSquares().squareRoot()
        guard norm.isFinite else { throw divergence(batch, chunks, outputs) }
        steps += 1
        settings.optimizer.step(
            executor, parameters, moments: moments, spans: spans, rate: learningRate.value,
            momentum: learningRate.momentum, gradients: settings.gradientClip?.scaling(norm: norm) ?? GradientScaling(),
            number: steps)
        learningRate.stepEnded()
        if let average, let decay = settings.averagingDecay {
            // The average follows fast at first, or it would remember the random start.
            average.approach(parameters, by: 1 - min(decay, Double(1 + steps) / Double(10 + steps)))
        }
        return norm
    }

    private func divergence(_ batch: [Sample], _ chunks: [Range<Int>], _ outputs: [ChunkOutputs]) -> ApusError {
        if let sample = batch.first(where: { !$0.hasFiniteLabels }) {
            return ApusError(
                .data, place: "step \(steps + 1)", problem: "a label of \(sample.name) is not a finite number",
                remedy: "remove the configuration")
        }
        for (range, values) in zip(chunks, outputs) where !values.joined().allSatisfy(\.isFinite) {
            let names = batch[range].map(\.name).joined(separator: ", ")
            return ApusError(
                .data, place: "step \(steps + 1)", problem: "the predictions for \(names) are not finite",
                remedy: "lower training.lr or check these configurations for clashes")
        }
        return ApusError(
            .data, place: "step \(steps + 1)", problem: "the gradient of the loss is not finite",
            remedy: "lower training.lr or set training.gradient_clip_val")
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
