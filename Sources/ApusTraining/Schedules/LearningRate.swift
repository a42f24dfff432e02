/// The learning rate in the course of training: warm-up, then a schedule.
///
/// Warm-up multiplies the first rate of the schedule, which is counted from its end; the epoch in which a warm-up ends is
/// the first that counts.
struct LearningRate: Sendable {
    private let schedule: any LearningRateSchedule
    private let interval: ScheduleInterval
    private let course: ScheduleCourse
    private let warmUp: WarmUp
    private let averaging: StochasticAveraging?
    /// What a later run continues with.
    var state: State

    /// - Parameter stepsPerEpoch: Counts the steps of an epoch, where the schedule goes on after steps.
    init(_ settings: TrainingSettings, stepsPerEpoch: () -> Int) {
        schedule = settings.schedule
        interval = settings.scheduleInterval
        course = ScheduleCourse(
            rate: settings.learningRate, epochs: settings.epochs,
            countsPerEpoch: interval == .step ? stepsPerEpoch() : 1, frequency: settings.scheduleFrequency)
        warmUp = settings.warmUp ?? WarmUp(length: 0)
        averaging = settings.stochasticAveraging
        state = State(initial: settings.learningRate, rule: settings.schedule.rule)
    }

    /// The training as the schedule sees it, with the rate that plateaus have left.
    private var present: ScheduleCourse {
        var course = course
        course.rate = state.initial
        return course
    }

    /// The learning rate of the next step.
    var value: Double {
        if let averaging, let annealing = state.annealing {
            return averaging.rate(after: annealing.count, from: annealing.start)
        }
        return warmUp.factor(after: state.warmed)
            * schedule.rate(after: state.count / course.frequency, of: present)
    }

    /// What stands for the momentum or β₁ of the optimiser in the next step; nil for the optimiser's own.
    var momentum: Double? { schedule.momentum(after: state.count / course.frequency, of: present) }

    /// Goes on from the counts of an earlier run; a changed schedule remembers nothing.
    ///
    /// - Parameter isComparable: Whether the metric is that of the earlier run.
    mutating func go(onFrom earlier: State, isComparable: Bool) {
        let rule = state.rule
        state = earlier
        if !isComparable || earlier.rule != rule { state.memory = [:] }
        state.rule = rule
    }

    /// Goes on after a step. Once parameters are averaged, the schedule stands still, and the momentum with it.
    mutating func stepEnded() {
        if state.annealing == nil { _ = goOn(after: .step) }
    }

    /// Goes on after an epoch.
    ///
    /// - Parameter metric: The value of what the schedule watches, if it watches anything.
    mutating func epochEnded(metric: Double?) {
        guard goOn(after: .epoch), state.count.isMultiple(of: course.frequency), let metric else { return }
        state.initial = schedule.rate(state.initial, after: metric, &state.memory)
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

extension LearningRateSchedule {
    /// All that decides about the rates, as text.
    var rule: String { "\(json)" }
}
