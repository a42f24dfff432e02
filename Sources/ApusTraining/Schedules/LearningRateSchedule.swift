import ApusPotentials

/// How the learning rate changes in the course of training.
///
/// A schedule is a type in one file, such as ``OneCycle``, and a line in ``standardSchedules``; the keys of
/// `[training.lr_scheduler]` follow from its hyper-parameters. Names of keys are PyTorch's, whose sequences the schedules
/// follow.
public protocol LearningRateSchedule: Configurable {
    /// What it can count; the first one unless the settings choose another.
    static var intervals: [ScheduleInterval] { get }
    /// Whether the rate depends on a metric; see ``rate(_:after:_:)``.
    static var watchesMetric: Bool { get }

    /// What does not fit the learning rate before schedules; nil where all does.
    func conflict(rate: Double) -> KeyConflict?

    /// The rate after `count` intervals.
    func rate(after count: Int, of course: ScheduleCourse) -> Double

    /// What then stands for the momentum or β₁ of the optimiser; nil for the optimiser's own.
    func momentum(after count: Int, of course: ScheduleCourse) -> Double?

    /// What ``ScheduleCourse/rate`` becomes after an interval.
    ///
    /// - Parameters:
    ///   - rate: What it was before.
    ///   - metric: The value of the metric that the schedule watches.
    ///   - memory: What the schedule remembers, by name; empty at first, and kept in checkpoints.
    func rate(_ rate: Double, after metric: Double, _ memory: inout [String: Double]) -> Double
}

extension LearningRateSchedule {
    /// Epochs or steps.
    public static var intervals: [ScheduleInterval] { [.epoch, .step] }
    /// It does not.
    public static var watchesMetric: Bool { false }
    /// It fits any rate.
    public func conflict(rate: Double) -> KeyConflict? { nil }
    /// The optimiser's own momentum.
    public func momentum(after count: Int, of course: ScheduleCourse) -> Double? { nil }
    /// It stays.
    public func rate(_ rate: Double, after metric: Double, _ memory: inout [String: Double]) -> Double { rate }
}

/// When a schedule goes on.
public enum ScheduleInterval: String, Sendable, CaseIterable, Codable {
    /// After every step.
    case step
    /// After every epoch.
    case epoch
}

/// What a schedule knows of the training that it is part of.
public struct ScheduleCourse: Sendable {
    /// The learning rate before schedules, as the metric has left it.
    public var rate: Double
    /// The epochs of the training.
    public var epochs: Int
    /// The steps, or one, in an epoch, by what the schedule counts.
    public var countsPerEpoch: Int
    /// The schedule goes on after so many of them.
    public var frequency: Int

    /// A training of so many epochs.
    public init(rate: Double, epochs: Int, countsPerEpoch: Int = 1, frequency: Int = 1) {
        (self.rate, self.epochs, self.countsPerEpoch, self.frequency) = (rate, epochs, countsPerEpoch, frequency)
    }

    /// How often the schedule goes on in so many epochs, in all of the training unless it is said; at least once.
    public func intervals(in epochs: Int? = nil) -> Int { max(1, (epochs ?? self.epochs) * countsPerEpoch / frequency) }
}

/// The schedules that come with the program.
public let standardSchedules: [any LearningRateSchedule.Type] = [
    ReduceOnPlateau.self,
    CosineAnnealing.self,
    CosineRestarts.self,
    OneCycle.self,
    CyclicRate.self,
    ExponentialDecay.self,
    ConstantRate.self,
]

/// A learning rate that stays.
public struct ConstantRate: LearningRateSchedule {
    /// The name in configurations.
    public static let name = "None"
    /// There is nothing to choose.
    public static let hyperparameters: [Hyperparameter<ConstantRate>] = []

    /// The rate before schedules, for ever.
    public init() {}

    /// The rate before schedules.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double { course.rate }
}
