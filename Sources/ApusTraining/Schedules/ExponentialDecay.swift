import ApusCPU
import ApusPotentials

/// r₀ γⁿ, PyTorch's `ExponentialLR`.
public struct ExponentialDecay: LearningRateSchedule {
    /// The name in configurations.
    public static let name = "ExponentialLR"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<ExponentialDecay>] = [
        .real("factor", \.factor, .decay, key: "gamma", "Factor for the learning rate.").needed
    ]
    /// γ.
    public var factor = 1.0

    /// A rate that stays.
    public init() {}

    /// A rate that is multiplied by `factor` each time.
    public init(factor: Double) { self.factor = factor }

    /// r₀ γⁿ.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double { course.rate * power(factor, count) }
}

extension NumberRule {
    /// What a decay multiplies with.
    static let decay = NumberRule("a number > 0 and <= 1") { $0 > 0 && $0 <= 1 }
}
