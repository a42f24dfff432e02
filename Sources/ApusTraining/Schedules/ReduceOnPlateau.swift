import ApusPotentials

/// Lowers the learning rate when a metric has stopped improving, as PyTorch's `ReduceLROnPlateau` does.
public struct ReduceOnPlateau: LearningRateSchedule {
    /// How an improvement is measured.
    public enum ThresholdMode: String, Codable, Sendable, CaseIterable {
        /// Relative to the best value.
        case relative = "rel"
        /// In the units of the metric.
        case absolute = "abs"
    }

    /// Which values of the metric are good.
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// Small ones.
        case minimum = "min"
        /// Large ones.
        case maximum = "max"
    }

    /// The name in configurations.
    public static let name = "ReduceLROnPlateau"
    /// Epochs, after which there is a metric.
    public static let intervals = [ScheduleInterval.epoch]
    /// It does.
    public static let watchesMetric = true
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<ReduceOnPlateau>] = [
        .choice(
            "mode", \.mode, key: "mode",
            "Which values of the metric are good: with max, which is PyTorch's for scores, the learning rate is reduced "
                + "unless errors grow."),
        .real(
            "factor", \.factor, NumberRule("a number between 0 and 1") { $0 > 0 && $0 < 1 }, key: "factor",
            "Factor for the learning rate on a plateau."),
        .integer(
            "patience", \.patience, 0...1_000_000, key: "patience",
            "Number of epochs without improvement that are tolerated."),
        .real(
            "threshold", \.threshold, .nonNegative, key: "threshold",
            "Smallest change of the metric that counts as improvement."),
        .choice(
            "thresholdMode", \.thresholdMode, key: "threshold_mode",
            "Whether the threshold is relative to the best value or absolute."),
        .integer(
            "cooldown", \.cooldown, 0...1_000_000, key: "cooldown",
            "Number of epochs after a reduction that are not counted."),
        .real("minimumRate", \.minimumRate, .nonNegative, key: "min_lr", "Lower bound of the learning rate."),
        .real(
            "epsilon", \.epsilon, .nonNegative, key: "eps",
            "Smallest change of the learning rate that is carried out."),
    ]

    /// Which values of the metric are good.
    public var mode = Mode.minimum
    /// The learning rate is multiplied by this; PyTorch's is 0.1.
    public var factor = 0.5
    /// Epochs without improvement that are tolerated.
    public var patience = 10
    /// Smaller improvements do not count.
    public var threshold = 1e-4
    /// How an improvement is measured.
    public var thresholdMode = ThresholdMode.relative
    /// Epochs after a reduction in which nothing is counted.
    public var cooldown = 0
    /// The rate never gets smaller than this; PyTorch's is 0.
    public var minimumRate = 1e-6
    /// Smaller changes of the rate are not made.
    public var epsilon = 1e-8

    /// PyTorch's defaults but for factor and minimum.
    public init() {}

    /// The minimum is not above the rate.
    public func conflict(rate: Double) -> KeyConflict? {
        .above("min_lr", minimumRate, "training.lr", rate)
    }

    /// The rate before schedules, which plateaus lower.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double { course.rate }

    /// Names of what is remembered.
    enum Memory {
        static let (best, badEpochs, cooldown) = ("best", "bad_epochs", "cooldown")
    }

    /// The rate after an epoch with the given value of the metric.
    public func rate(_ rate: Double, after metric: Double, _ memory: inout [String: Double]) -> Double {
        if isBetter(metric, than: memory[Memory.best]) {
            (memory[Memory.best], memory[Memory.badEpochs]) = (metric, 0)
        } else {
            memory[Memory.badEpochs, default: 0] += 1
        }
        if let left = memory[Memory.cooldown], left > 0 {
            (memory[Memory.cooldown], memory[Memory.badEpochs]) = (left - 1, 0)
        }
        guard memory[Memory.badEpochs, default: 0] > Double(patience) else { return rate }
        (memory[Memory.cooldown], memory[Memory.badEpochs]) = (Double(cooldown), 0)
        let reduced = max(rate * factor, minimumRate)
        return rate - reduced > epsilon ? reduced : rate
    }

    private func isBetter(_ metric: Double, than best: Double?) -> Bool {
        // Checkpoints hold finite numbers alone.
        guard metric.isFinite else { return false }
        guard let best else { return true }
        switch (mode, thresholdMode) {
        case (.minimum, .relative): return metric < best * (1 - threshold)
        case (.minimum, .absolute): return metric < best - threshold
        case (.maximum, .relative): return metric > best * (1 + threshold)
        case (.maximum, .absolute): return metric > best + threshold
        }
    }
}
