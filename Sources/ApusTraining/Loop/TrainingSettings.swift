import ApusCPU
import ApusChemistry
import ApusGraph

/// How a model is trained.
public struct TrainingSettings: Sendable {
    /// Passes over the training part.
    public var epochs = 100
    /// What goes into a step.
    public var batchSize = BatchSize.systems(32)
    /// The learning rate before schedules.
    public var learningRate = 1e-3
    /// How gradients change parameters.
    public var optimizer: any Optimizer = AdamW()
    /// λ, on weight matrices; biases and embeddings are not decayed.
    public var weightDecay = 1e-3
    /// Which parameters are frozen or get another learning rate than their layers say.
    public var parameterRules: [ParameterRule] = []
    /// How large gradients are made smaller; nil to leave them.
    public var gradientClip: GradientClip?
    /// So many batches whose loss or gradient is not finite are left out before training stops at one.
    public var skippedBatches = 0
    /// What is minimised.
    public var loss = Loss(weights: [.perSystemEnergy: 0.01, .perAtomForce: 0.99])
    /// Whether a label that a sample lacks counts for nothing; otherwise every sample must have what the loss compares.
    public var masksMissingLabels = false
    /// What is predicted and compared for reports beside what the loss compares; data may lack the labels.
    public var reported: [Property] = []
    /// Whether the distributions of validation errors are counted for reports.
    public var hasErrorHistograms = false
    /// Outliers are looked for in every so many epochs; nil for never.
    public var reportFrequency: Int?
    /// The validation metric that decides which parameters are best.
    public var monitor = Metric.loss
    /// How the learning rate changes.
    public var schedule: any LearningRateSchedule = ConstantRate()
    /// What the schedule counts.
    public var scheduleInterval = ScheduleInterval.epoch
    /// The schedule goes on after so many of them.
    public var scheduleFrequency = 1
    /// What a schedule watches that depends on a metric.
    public var scheduleMonitor = Metric.loss
    /// How the learning rate rises at first; nil to begin with all of it.
    public var warmUp: WarmUp?
    /// Ends training when a metric has stopped improving.
    public var earlyStopping: EarlyStopping?
    /// Early stopping waits until so many epochs are done.
    public var minimumEpochs = 0
    /// How much of the training part an epoch looks at: its first batches in the order of the epoch; nil for all.
    public var trainingLimit: BatchLimit?
    /// How much of the validation part is looked at: its first batches; nil for all.
    public var validationLimit: BatchLimit?
    /// Decay of the exponential moving average of the parameters that are validated and kept; nil to use the
    /// parameters themselves.
    public var averagingDecay: Double?
    /// Averages the parameters of the last epochs; not together with ``averagingDecay``.
    public var stochasticAveraging: StochasticAveraging?
    /// Which energies of atoms in the kept model are fitted again to what its network leaves of the training energies;
    /// nil for none.
    public var energyRefit: EnergyRefit.Freedom? = .elements
    /// Training ends after the step, or the validation that follows it, in which this many seconds are reached.
    public var maximumSeconds: Double?
    /// Whether filters of the distance are looked up in tables made once per step; nil to decide by the batch.
    public var usesTables: Bool?
    /// Fixes the order of the training systems.
    public var seed: UInt64 = 42

    /// Common settings for energies and forces.
    public init() {}

    /// What the schedule watches; nil where it depends on no metric.
    var metricOfSchedule: Metric? { type(of: schedule).watchesMetric ? scheduleMonitor : nil }

    /// Whether an epoch is one of those that are reported on.
    public func reports(after epoch: Int) -> Bool { reportFrequency.map { epoch.isMultiple(of: $0) } ?? false }
}
