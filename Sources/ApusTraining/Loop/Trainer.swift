import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusSystem

/// Trains a model on samples.
///
/// One step: the systems of a batch are cut into chunks; each chunk runs through predictions, loss and the gradient
/// by all parameters; the gradients are added up, clipped, and an optimiser changes the parameters.
public final class Trainer {
    /// How the model is trained, with the loss in the units of the model.
    public let settings: TrainingSettings
    /// The model with the best parameters so far.
    public private(set) var best: EnergyModel
    /// The epoch with the best parameters so far; nil before the first has ended.
    public var bestEpoch: TrainingState.Best? { position.best }

    /// Whether functions of the distance are looked up in tables made once per step.
    public let usesTables: Bool

    /// The parameters as the last step left them, in the order of their declarations.
    public var parameterValues: [Double] { parameters.values }

    var executor: Executor { program.executor }

    /// The gradients of the last batch before clipping, in the same order, zero where parameters are frozen; nil before the first batch of this trainer.
    public var gradientValues: [Double]? {
        guard hasGradients else { return nil }
        let sums = executor.sums.values
        var results = executor.program.results.makeIterator()
        return best.declarations.flatMap { declaration in
            guard declaration.group.isTrainable, let span = results.next() else {
                return [Double](repeating: 0, count: declaration.count)
            }
            return Array(sums[span.offset..<span.offset + span.count])
        }
    }

    private let training: Samples
    private let validation: Samples
    /// What training runs on.
    public let device: Device
    let layout: LossLayout
    let program: BatchProgram
    private let evaluator: Evaluator
    /// The model as it was given, before energies of atoms are fitted again.
    private let initial: EnergyModel
    private lazy var refit: EnergyRefit? = makeRefit()
    let parameters: Numbers
    private let moments: [Numbers]
    private let average: Numbers?
    private let spans: [TrainedSpan]
    private var learningRate: LearningRate
    private(set) var position: TrainingState.Progress
    private var earlyStopping: EarlyStopping?
    /// The largest finite error of a force in this run, for messages.
    var largestForceError: ForceError?
    /// Whether the sums of the executor are those of a batch.
    private var hasGradients = false
    /// The errors of the batches of the present epoch that are done.
    private var errors = EvaluationErrors()
    /// The weights of the loss components in the present epoch.
    private(set) var weights: [Double]

    /// Prepares training from the parameters of `model`.
    ///
    /// - Throws: an `ApusError` when the training part is empty or lacks labels that the loss compares.
    public init(
        _ model: EnergyModel, _ settings: TrainingSettings, training: Samples, validation: Samples, on device: Device
    ) throws {
        guard !training.isEmpty else {
            throw ApusError(.data, problem: "the training part of the data is empty", remedy: "change data_split")
        }
        var settings = settings
        settings.loss.units = model.units
        for samples in settings.masksMissingLabels ? [] : [training, validation] {
            try Self.requireLabels(of: samples, settings.loss)
        }
        if settings.masksMissingLabels { try Self.requireSomeLabels(of: training, settings.loss) }
        try settings.requireMetrics()
        self.settings = settings
        self.training = training
        self.validation = settings.batchSize.limited(validation, to: settings.validationLimit)
        best = model
        initial = model
        self.device = device
        usesTables = settings.usesTables ?? Self.tablesPay(model, training, settings, device.precision)
        let graph = LossGraph(model, tabulated: usesTables, loss: settings.loss, properties: settings.reported)
        layout = graph.layout
        program = graph.training(on: device)
        evaluator = Evaluator(model, loss: settings.loss, properties: settings.reported, on: device)
        let numbers = { (values: [Double]) in Numbers(values, on: device) }
        let zeros = [Double](repeating: 0, count: model.parameters.count)
        parameters = numbers(model.parameters)
        moments = settings.optimizer.momentNames.map { _ in numbers(zeros) }
        require(
            settings.averagingDecay == nil || settings.stochasticAveraging == nil, "parameters have one average")
        let isAveraging = settings.averagingDecay != nil || settings.stochasticAveraging != nil
        average = isAveraging ? numbers(model.parameters) : nil
        spans = Self.trainedSpans(
            model.declarations, gradients: program.executor.program.results, decay: settings.weightDecay)
        learningRate = LearningRate(settings)
        position = TrainingState.Progress(schedule: learningRate.state)
        earlyStopping = settings.earlyStopping
        weights = settings.loss.weights(epoch: 1)
    }

    /// Prepares training on samples in memory.
    ///
    /// - Throws: as the other initialiser.
    public convenience init(
        _ model: EnergyModel, _ settings: TrainingSettings, training: [Sample], validation: [Sample],
        on device: Device
    ) throws {
        try self.init(model, settings, training: Samples(training), validation: Samples(validation), on: device)
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
        let start = monotonicSeconds() - position.seconds
        while position.epoch <= settings.epochs {
            if hasStopped { return .earlyStopping }
            if isTimeUp { return .time }
            let epochStart = monotonicSeconds()
            let batches = beginEpoch()
            let systems = batches.reduce(0) { $0 + $1.count }
            try report(.epochBegan(position.epoch, systems: systems))
            let stream = BatchStream(training, batches: batches)
            var left = batches.count
            while let batch = try stream.next() {
                let outcome = try step(batch, &errors)
                left -= 1
                position.batches += 1
                position.samples += batch.count
                position.seconds = monotonicSeconds() - start
                switch outcome {
                case .taken(let norm): position.norms += norm
                case .skipped(let reason):
                    position.skips.add()
                    try report(.batchSkipped(reason))
                }
                try report(.step(systems: batch.count, loss: errors.total(settings.loss, epoch: position.epoch)))
                if isInterrupted() { return .interruption }
                // After the last step the epoch may as well end.
                if left > 0, isTimeUp { return .time }
            }
            let rate = Double(systems) / (monotonicSeconds() - epochStart)
            try report(.epochEnded(try endEpoch(systemsPerSecond: rate, since: start)))
        }
        return hasStopped ? .earlyStopping : .epochs
    }

    /// Whether early stopping has ended training.
    private var hasStopped: Bool { earlyStopping?.hasEnded == true && position.epoch > settings.minimumEpochs }

    private var isTimeUp: Bool { settings.maximumSeconds.map { position.seconds >= $0 } ?? false }

    /// The batches of the present epoch that are left, in its order.
    ///
    /// An epoch that goes on keeps its order, and the samples that are left are cut into batches of today's size.
    private func beginEpoch() -> [ArraySlice<Int>] {
        if position.batches == 0 {
            (position.learningRate, position.seed) = (learningRate.value, settings.seed)
            errors = EvaluationErrors(hasOutliers: settings.reports(after: position.epoch))
        }
        weights = settings.loss.weights(epoch: position.epoch)
        var order = Array(training.indices)
        var generator = SeededGenerator(seed: position.seed &+ UInt64(position.epoch) &* 0x9E37_79B9)
        generator.shuffle(&order)
        let batches = settings.batchSize.batches(
            Array(order.dropFirst(position.samples)), atomCount: training.atomCount)
        let limit = settings.trainingLimit?.count(of: settings.batchSize.stepCount(training))
        return Array(batches.prefix(limit.map { max(0, $0 - position.batches) } ?? .max))
    }

    /// Validates, keeps the parameters if they are the best, and moves the schedules to the next epoch.
    private func endEpoch(systemsPerSecond: Double, since start: Double) throws -> EpochSummary {
        let isAveraged = settings.stochasticAveraging.map { position.epoch >= $0.firstEpoch } ?? false
        if isAveraged, let average {
            position.averaged += 1
            average.approach(parameters, by: 1 / Double(position.averaged))
        }
        let result = keepsAverage ? average ?? parameters : parameters
        // Every epoch is judged as the model that would be kept.
        let correction = try refit?.correction(parameters: result)
        let validated =
            validation.isEmpty
            ? nil
            : try evaluator.errors(
                on: corrected(validation, by: correction), parameters: result,
                withHistograms: settings.hasErrorHistograms, withOutliers: settings.reports(after: position.epoch))
        let metric = { (metric: Metric) in (validated ?? self.errors).value(of: metric, self.settings.loss) ?? .nan }
        let monitored = metric(settings.monitor)
        let taken = position.batches - position.skips.inEpoch
        // Without a batch there are no errors, and a metric may look at a part of what the loss compares.
        let isBest =
            monitored < position.best?.metric ?? .infinity && (validated != nil || taken > 0)
            && (validated ?? errors).total(settings.loss).isFinite
        if isBest {
            position.best = TrainingState.Best(
                epoch: position.epoch, metric: monitored, validationLoss: validated?.total(settings.loss),
                correction: correction)
            keep(result.values)
        }
        position.seconds = monotonicSeconds() - start
        let summary = EpochSummary(
            epoch: position.epoch, training: errors, validation: validated,
            trainingLoss: errors.total(settings.loss, epoch: position.epoch),
            validationLoss: validated?.total(settings.loss), learningRate: position.learningRate,
            gradientNorm: position.norms / Double(max(taken, 1)), seconds: position.seconds,
            systemsPerSecond: systemsPerSecond, isBest: isBest)
        if isAveraged {
            learningRate.averagedEpochEnded()
        } else {
            learningRate.epochEnded(metric: settings.plateau.map { metric($0.monitor) })
        }
        if let monitor = earlyStopping?.monitor { _ = earlyStopping?.endsTraining(after: metric(monitor)) }
        position.epoch += 1
        (position.batches, position.samples, position.norms, errors) = (0, 0, 0, EvaluationErrors())
        position.skips.inEpoch = 0
        return summary
    }

    /// Makes parameters those of the best model, with the energies of atoms that go with them.
    private func keep(_ parameters: [Double]) {
        best = initial
        best.parameters = parameters
        position.best?.correction?.apply(to: &best)
    }

    /// Samples as the model before corrections sees those that the corrected one is judged by.
    private func corrected(_ samples: Samples, by correction: EnergyRefit.Correction?) -> Samples {
        switch correction {
        case .elements(let energies): samples.removing(energies)
        case .constant(let energy): samples.removing(initial.selfEnergies.mapValues { _ in energy })
        case nil: samples
        }
    }

    /// Fits energies of atoms again where that is wanted and energies are known.
    private func makeRefit() -> EnergyRefit? {
        settings.energyRefit.flatMap {
            EnergyRefit(initial, $0, training: training, on: device)
        }
    }

    /// Whether the average of the parameters is what is validated and kept, which a stochastic one is once it has begun.
    private var keepsAverage: Bool { settings.averagingDecay != nil || position.averaged > 0 }

    // MARK: Going on later

    /// Where training is.
    public var progress: TrainingState.Progress {
        var progress = position
        (progress.schedule, progress.errors) = (learningRate.state, errors)
        (progress.earlyStopping, progress.criteria) = (earlyStopping?.counts, criteria)
        return progress
    }

    /// What training goes on from.
    public var state: TrainingState {
        TrainingState(
            progress: progress, parameters: parameters.values,
            moments: .init(uniqueKeysWithValues: zip(settings.optimizer.momentNames, moments.map(\.values))),
            average: average?.values, best: best.parameters)
    }

    /// Goes on from an earlier state of the same model on the same data; settings that have changed since are followed.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - initialRate: The learning rate before schedules, where it is not that of the state.
    /// - Returns: A sentence where the best value so far means something else under changed settings.
    /// - Precondition: The model has as many parameters as the state, and the optimiser remembers what the state holds.
    /// - Throws: an `ApusError` when the best model so far cannot be judged anew.
    @discardableResult
    public func restore(_ state: TrainingState, learningRate initialRate: Double? = nil) throws -> String? {
        require(state.parameters.count == parameters.count, "the state is of another model")
        require(
            Set(state.moments.keys) == Set(settings.optimizer.momentNames), "the state is of another optimiser")
        position = state.progress
        errors = position.errors
        let (earlier, criteria) = (position.criteria, criteria)
        learningRate.go(onFrom: position.schedule, isComparable: earlier.plateau == criteria.plateau)
        if let initialRate {
            learningRate.state.initial = initialRate
            position.learningRate = learningRate.value
        }
        if let counts = position.earlyStopping, earlier.earlyStopping == criteria.earlyStopping {
            earlyStopping?.counts = counts
        }
        parameters.set(state.parameters)
        for (name, moment) in zip(settings.optimizer.momentNames, moments) {
            moment.set(state.moments[name] ?? [])
        }
        average?.set(state.average ?? state.parameters)
        if position.epoch <= settings.stochasticAveraging?.firstEpoch ?? .max {
            (position.averaged, learningRate.state.annealing) = (0, nil)
        }
        keep(state.best)
        return earlier.best == criteria.best ? nil : try judgeAnew()
    }

    /// Gives the best model so far the value that it has by the present metric and loss; without a validation part
    /// there is none, and the next epoch is the first to be compared.
    private func judgeAnew() throws -> String? {
        guard let earlier = position.best else { return nil }
        position.best = nil
        let beginning = "the metric, the loss or the validation part has changed: "
        guard !validation.isEmpty else { return beginning + "the next epoch is the first that counts as the best" }
        let errors = try evaluator.errors(
            on: corrected(validation, by: earlier.correction),
            parameters: Numbers(best.parameters, on: device))
        guard let value = errors.value(of: settings.monitor, settings.loss), value.isFinite else { return nil }
        position.best = TrainingState.Best(
            epoch: earlier.epoch, metric: value, validationLoss: errors.total(settings.loss),
            correction: earlier.correction)
        return beginning + "later epochs are compared with the \(settings.monitor) that the best model so far, "
            + "of epoch \(earlier.epoch), has now, \(Float(value))"
    }

    private var criteria: TrainingState.Criteria {
        let systems = validation.isEmpty ? training.count : validation.count
        func text(_ metric: Metric) -> String { settings.criterion(metric, systems: systems) }
        return TrainingState.Criteria(
            best: text(settings.monitor), earlyStopping: earlyStopping.map { text($0.monitor) },
            plateau: settings.plateau.map { text($0.monitor) })
    }

    /// One step on a batch: pairs, energies, forces, gradients and the change of the parameters.
    ///
    /// - Throws: an `ApusError` when numbers are not finite and no batch may be skipped any more.
    func step(_ batch: [Sample], _ errors: inout EvaluationErrors) throws -> StepOutcome {
        let batch = try SampleBatch(
            batch, through: program, layout, weights: layout.shares(weights, of: batch), parameters: parameters)
        hasGradients = true
        let norm = executor.sumOfSquares().squareRoot()
        let scaling = settings.gradientClip?.scaling(norm: norm) ?? GradientScaling()
        guard batch.hasFiniteLoss, isUsable(norm: norm, scale: scaling.factor) else {
            return try skip(batch, norm: norm)
        }
        executor.measuring(.errors) {
            batch.compare(into: &errors)
            let error = batch.largestForceError
            if let error, error.size > largestForceError?.size ?? 0 { largestForceError = error }
        }
        position.steps += 1
        let areFinite = settings.optimizer.step(
            executor, parameters, moments: moments, spans: spans,
            OptimizerStep(
                rate: learningRate.value, momentum: learningRate.momentum, gradients: scaling, number: position.steps))
        guard areFinite else { throw parametersOverflow(batch.samples) }
        learningRate.stepEnded()
        if let average, let decay = settings.averagingDecay {
            // The average follows fast at first, or it would remember the random start.
            average.approach(parameters, by: 1 - min(decay, Double(1 + position.steps) / Double(10 + position.steps)))
        }
        return .taken(norm: norm)
    }

    /// Whether tables pay for batches like those of the first samples.
    private static func tablesPay(
        _ model: EnergyModel, _ samples: Samples, _ settings: TrainingSettings, _ precision: Precision
    ) -> Bool {
        guard model.usesTables(in: precision) else { return false }
        let encoding = BatchEncoding(model)
        let some = samples.prefix(32)
        // Pairs that cannot be listed are reported when they are trained on.
        let pairs = some.reduce(0) { count, sample in
            count + ((try? encoding.sizes(of: [sample.system])[.pairs]) ?? 0)
        }
        let atoms = some.reduce(0) { $0 + $1.system.count }
        let systems = min(settings.batchSize.estimate(atomsPerSystem: atoms / some.count), samples.count)
        return model.trainsWithTables(in: precision, pairs: pairs * systems / some.count)
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

    /// A component whose labels are missing everywhere would train nothing.
    private static func requireSomeLabels(of samples: Samples, _ loss: Loss) throws {
        for property in loss.properties where !samples.indices.contains(where: samples.hasLabel(property)) {
            throw ApusError(
                .data, problem: "no training configuration has the \(property.name), which the loss compares",
                remedy: "remove the component from training.loss_parameter or complete the data")
        }
    }

    /// The parameters that are not frozen, with decay and rate as their groups say.
    private static func trainedSpans(
        _ declarations: [ParameterDeclaration], gradients: [Program.Span], decay: Double
    ) -> [TrainedSpan] {
        var offset = 0
        var gradients = gradients.makeIterator()
        return declarations.compactMap { declaration in
            defer { offset += declaration.count }
            guard declaration.group.isTrainable, let gradient = gradients.next() else { return nil }
            return TrainedSpan(
                offset: offset, gradientOffset: gradient.offset, count: declaration.count,
                decay: declaration.group.decays ? decay : 0, rateFactor: declaration.group.rateFactor)
        }
    }
}
