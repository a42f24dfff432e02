import ApusTraining

extension RunConfiguration {
    /// What of large gradients is limited.
    enum Clipping: String, Sendable, CaseIterable {
        case norm, value
    }

    /// How the learning rate changes; with PyTorch's defaults, but for the plateau.
    struct Schedule: Sendable, Equatable {
        package var name = ScheduleName.reduceOnPlateau
        var interval = ScheduleInterval.epoch
        /// The number of intervals from one decision to the next.
        var frequency = 1
        /// The factor for the learning rate on a plateau.
        package var factor = 0.5
        /// The number of epochs without improvement that make a plateau.
        var patience = 10
        var threshold = 1e-4
        var thresholdMode = ReduceOnPlateau.ThresholdMode.relative
        /// The number of epochs after a reduction that are not counted.
        var cooldown = 0
        var minimumLearningRate = 1e-6
        /// The smallest change of the learning rate that is carried out.
        var epsilon = 1e-8
        var monitor = Metric.loss
        /// Intervals of a cosine from top to bottom; nil for the whole training.
        var cosineLength: Int?
        /// The lower end of a cosine.
        var cosineMinimum = 0.0
        /// Intervals before the first restart.
        var restartLength: Int?
        /// The length of a stretch between restarts over that of the one before.
        var restartMultiplier = 1
        /// The learning rate at the top of a cycle.
        var maximumLearningRate: Double?
        /// The learning rate at the bottom of a cycle; nil for the learning rate of the training.
        var baseLearningRate: Double?
        /// The epochs of one cycle; nil for all.
        var cycleEpochs: Int?
        /// The part of one cycle in which the learning rate rises.
        var rise = 0.3
        package var strategy = OneCycle.Strategy.cosine
        var divisor = 25.0
        var finalDivisor = 1e4
        var hasThreePhases = false
        /// Whether momentum goes down where the learning rate goes up.
        var cyclesMomentum = true
        var baseMomentum: Double?
        var maximumMomentum: Double?
        var epochsUp: Int?
        /// nil for as many as up.
        var epochsDown: Int?
        /// The shape of cycles, or what a plateau is made of; nil for the schedule's first.
        package var mode: ScheduleMode?
        /// The factor of exponential decay.
        var gamma: Double?
        var warmUpLength = 0
        var warmUpStart = 1.0 / 3
        var warmUpInterval = ScheduleInterval.step
    }

    /// The learning rate schedules on offer.
    package enum ScheduleName: String, Sendable, CaseIterable {
        case reduceOnPlateau = "ReduceLROnPlateau"
        case cosine = "CosineAnnealingLR"
        case restarts = "CosineAnnealingWarmRestarts"
        case oneCycle = "OneCycleLR"
        case cyclic = "CyclicLR"
        case exponential = "ExponentialLR"
        case constant = "None"
    }

    /// The key `mode` means two things: which values of the metric are good, or the shape of cycles.
    package enum ScheduleMode: String, Sendable, CaseIterable {
        case minimum = "min"
        case maximum = "max"
        case triangular, triangular2
        case exponentialRange = "exp_range"

        /// Whether the mode is about the metric of a plateau.
        var isOfPlateau: Bool { self == .minimum || self == .maximum }

        /// The shape of cycles.
        var cycle: CyclicRate.Mode? { CyclicRate.Mode(rawValue: rawValue) }
    }
}
