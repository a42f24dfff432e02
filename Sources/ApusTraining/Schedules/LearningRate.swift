import ApusSystem

/// When a schedule goes on.
public enum ScheduleInterval: String, Sendable, CaseIterable, Codable {
    /// After every step.
    case step
    /// After every epoch.
    case epoch
}

/// A learning rate that rises in a straight line at first, PyTorch's `LinearLR` before another schedule.
public struct WarmUp: Sendable, Equatable, Codable {
    /// `start_factor`: the part of the rate that training begins with.
    public var startFactor: Double
    /// `total_iters`: steps or epochs until the whole rate is reached.
    public var length: Int
    /// What is counted.
    public var interval: ScheduleInterval

    /// PyTorch's start factor, in steps.
    public init(length: Int, startFactor: Double = 1.0 / 3, interval: ScheduleInterval = .step) {
        require(length >= 0, "a warm-up has a length >= 0, not \(length)")
        self.length = length
        self.startFactor = startFactor
        self.interval = interval
    }

    /// The factor after `count` of `length` steps or epochs.
    func factor(after count: Int) -> Double {
        count >= length ? 1 : startFactor + (1 - startFactor) * Double(count) / Double(length)
    }
}

/// The learning rate in the course of training: warm-up, then a schedule and reductions on plateaus.
///
/// Warm-up multiplies the first rate of the schedule, which is counted from its end; the epoch in which a warm-up ends is
/// the first that counts.
struct LearningRate: Sendable {
    /// What changes during training.
    struct State: Sendable, Equatable, Codable {
        /// The initial rate of the schedule, lowered on plateaus.
        var initial: Double
        /// Steps or epochs of warm-up done.
        var warmed = 0
        /// Steps or epochs done since.
        var count = 0
        /// The epochs of stochastic averaging that have ended, and the rate when they began; nil before.
        var annealing: Annealing?
        /// What is remembered of the metric.
        var plateau: ReduceOnPlateau?
    }

    /// A rate on its way to that of stochastic averaging.
    struct Annealing: Sendable, Equatable, Codable {
        let start: Double
        var count = 0
    }

    private let schedule: any LearningRateSchedule
    private let interval: ScheduleInterval
    private let frequency: Int
    private let warmUp: WarmUp
    private let averaging: StochasticAveraging?
    /// What a later run continues with.
    var state: State

    init(_ settings: TrainingSettings) {
        schedule = settings.schedule
        interval = settings.scheduleInterval
        frequency = settings.scheduleFrequency
        warmUp = settings.warmUp ?? WarmUp(length: 0)
        averaging = settings.stochasticAveraging
        state = State(initial: settings.learningRate, plateau: settings.plateau?.schedule)
    }

    /// The learning rate of the next step.
    var value: Double {
        if let averaging, let annealing = state.annealing {
            return averaging.rate(after: annealing.count, from: annealing.start)
        }
        return warmUp.factor(after: state.warmed)
            * schedule.rate(after: state.count / frequency, initial: state.initial)
    }

    /// What stands for the momentum or β₁ of the optimiser in the next step; nil for the optimiser's own.
    var momentum: Double? { schedule.momentum(after: state.count / frequency) }

    /// Goes on from the counts of an earlier run; a changed rule for plateaus begins to count anew.
    ///
    /// - Parameter isComparable: Whether the metric is that of the earlier run.
    mutating func go(onFrom earlier: State, isComparable: Bool) {
        let rule = state.plateau
        state = earlier
        state.plateau = rule.map { rule in isComparable ? earlier.plateau.map(rule.continuing) ?? rule : rule }
    }

    /// Goes on after a step. Once parameters are averaged, the schedule stands still, and the momentum with it.
    mutating func stepEnded() {
        if state.annealing == nil { _ = goOn(after: .step) }
    }

    /// Goes on after an epoch.
    ///
    /// - Parameter metric: what must improve, where there is a plateau.
    mutating func epochEnded(metric: Double?) {
        guard goOn(after: .epoch), state.count.isMultiple(of: frequency), let metric else { return }
        if let rate = state.plateau?.step(rate: state.initial, metric: metric) { state.initial = rate }
    }

    /// Goes on after an epoch that stochastic averaging counts, instead.
    mutating func averagedEpochEnded() {
        var annealing = state.annealing ?? Annealing(start: value)
        annealing.count += 1
        state.annealing = annealing
    }

    /// Counts; whether warm-up was over and the interval is that of the schedule.
    private mutating func goOn(after ended: ScheduleInterval) -> Bool {
        if state.warmed < warmUp.length {
            if ended == warmUp.interval { state.warmed += 1 }
            return false
        }
        guard ended == interval else { return false }
        state.count += 1
        return true
    }
}
