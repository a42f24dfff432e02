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
    public internal(set) var best: EnergyModel
    /// The epoch with the best parameters so far; nil before the first has ended.
    public var bestEpoch: TrainingState.Best? { position.best }

    /// Whether functions of the distance are looked up in tables made once per step.
    public let usesTables: Bool

    /// The parameters as the last step left them, in the order of their declarations.
    public var parameterValues: [Double] { parameters.values }

    var executor: Executor { program.executor }

    /// The gradients of the last batch before clipping, in the same order, zero where parameters are frozen; nil before the
    /// first batch of this trainer.
    public var gradientValues: [Double]? {
        guard hasGradients else { return nil }
        let sums = executor.sums.values
        var results = executor.program.results.makeIterator()
        return declarations.flatMap { declaration in
            guard declaration.group.isTrainable, let span = results.next() else {
                return [Double](repeating: 0, count: declaration.count)
            }
            return Array(sums[span.offset..<span.offset + span.count])
        }
    }

    /// How many parameters training leaves as they are.
    public var frozenParameters: Int { declarations.reduce(0) { $0 + ($1.group.isTrainable ? 0 : $1.count) } }

    /// What training runs on.
    public let device: Device
    let training: Samples
    let validation: Samples
    /// The parameters with their groups, as the settings change them.
    let declarations: [ParameterDeclaration]
    let layout: LossLayout
    let program: BatchProgram
    let evaluator: Evaluator
    /// The model as it was given, before energies of atoms are fitted again.
    let initial: EnergyModel
    /// Fits energies of atoms again where that is wanted and energies are known.
    private(set) lazy var refit = settings.energyRefit.flatMap {
        EnergyRefit(initial, $0, training: training, on: device)
    }
    let parameters: Numbers
    let moments: [Numbers]
    let average: Numbers?
    let spans: [TrainedSpan]
    var learningRate: LearningRate
    var position: TrainingState.Progress
    var earlyStopping: EarlyStopping?
    /// The largest finite error of a force in this run, for messages.
    var largestForceError: ForceError?
    /// Whether the sums of the executor are those of a batch.
    var hasGradients = false
    /// The errors of the batches of the present epoch that are done.
    var errors = EvaluationErrors()
    /// The weights of the loss components in the present epoch.
    var weights: [Double]

    /// Prepares training from the parameters of `model`.
    ///
    /// - Throws: an `ApusError` when the training part is empty or lacks labels that the loss compares, or when a rule for
    ///   parameters matches none.
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
        declarations = try settings.grouped(model.declarations)
        program = graph.training(of: declarations, on: device)
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
            declarations, gradients: program.executor.program.results, decay: settings.weightDecay)
        learningRate = LearningRate(settings) {
            settings.batchSize.stepCount(training, limit: settings.trainingLimit)
        }
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
}
