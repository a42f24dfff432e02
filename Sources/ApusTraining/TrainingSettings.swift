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
    public var optimizer = Optimizer.adamW
    /// λ, on weight matrices; biases and embeddings are not decayed.
    public var weightDecay = 1e-3
    /// How large gradients are made smaller; nil to leave them.
    public var gradientClip: GradientClip?
    /// So many batches whose loss or gradient is not finite are left out before training stops at one.
    public var skippedBatches = 0
    /// What is minimised.
    public var loss = Loss(weights: [.perSystemEnergy: 0.01, .perAtomForce: 0.99])
    /// What is predicted and compared for reports beside what the loss compares; data may lack the labels.
    public var reported: [Property] = []
    /// Whether the distributions of validation errors are counted for reports.
    public var hasErrorHistograms = false
    /// The validation metric that decides which parameters are best, such as `per_atom_force/rmse` or `loss`.
    public var monitor = "loss"
    /// How the learning rate changes.
    public var schedule: any LearningRateSchedule = ConstantRate()
    /// What the schedule counts.
    public var scheduleInterval = ScheduleInterval.epoch
    /// The schedule and the plateau go on after so many of them.
    public var scheduleFrequency = 1
    /// How the learning rate rises at first; nil to begin with all of it.
    public var warmUp: WarmUp?
    /// Lowers the learning rate on a plateau of a metric after an epoch.
    public var plateau: (schedule: ReduceOnPlateau, monitor: String)?
    /// Ends training when a metric has stopped improving.
    public var earlyStopping: EarlyStopping?
    /// Decay of the exponential moving average of the parameters that are validated and kept; nil to use the
    /// parameters themselves.
    public var averagingDecay: Double?
    /// Averages the parameters of the last epochs; not together with ``averagingDecay``.
    public var stochasticAveraging: StochasticAveraging?
    /// Whether the self-energies of the kept model are fitted again to what its network leaves of the training energies.
    public var refitsSelfEnergies = true
    /// Training ends after this many seconds.
    public var maximumSeconds: Double?
    /// Whether filters of the distance are looked up in tables made once per step; nil to decide by the batch.
    public var usesTables: Bool?
    /// Fixes the order of the training systems.
    public var seed: UInt64 = 42
    /// The number format.
    public var precision = Precision.float32
    /// Threads.
    public var threads = 1

    /// Common settings for energies and forces.
    public init() {}
}

/// Ends training when a metric has not improved for some epochs.
public struct EarlyStopping: Codable, Sendable, Equatable {
    /// Epochs without improvement that are tolerated.
    public var patience: Int
    /// Smaller improvements do not count, in the units of the metric.
    public var minimumDelta: Double
    /// The metric.
    public var monitor: String

    private var best: Double?
    private var badEpochs = 0

    /// Whether training has ended.
    var hasEnded: Bool { badEpochs > patience }

    /// Watches a metric that is better when smaller.
    public init(patience: Int, minimumDelta: Double, monitor: String) {
        self.patience = patience
        self.minimumDelta = minimumDelta
        self.monitor = monitor
    }

    /// The same watch with what an earlier one has seen.
    func continuing(_ earlier: EarlyStopping) -> EarlyStopping {
        guard monitor == earlier.monitor else { return self }
        var continued = self
        (continued.best, continued.badEpochs) = (earlier.best, earlier.badEpochs)
        return continued
    }

    /// Whether training ends after an epoch with this value of the metric.
    mutating func endsTraining(after metric: Double) -> Bool {
        if best.map({ metric < $0 - minimumDelta }) ?? (metric < .infinity) {
            best = metric
            badEpochs = 0
        } else {
            badEpochs += 1
        }
        return hasEnded
    }
}
