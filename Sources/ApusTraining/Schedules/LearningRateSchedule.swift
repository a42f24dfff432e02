import ApusCPU
import ApusGraph
import ApusSystem

/// A learning rate that follows from the number of steps or epochs done, and from nothing else.
///
/// Names of arguments in the comments are PyTorch's, whose sequences the schedules follow.
public protocol LearningRateSchedule: Sendable {
    /// The rate after `count` steps or epochs.
    ///
    /// - Parameter initial: the learning rate in the settings.
    func rate(after count: Int, initial: Double) -> Double

    /// What then stands for the momentum or β₁ of the optimiser; nil for the optimiser's own.
    func momentum(after count: Int) -> Double?
}

extension LearningRateSchedule {
    /// The optimiser's own momentum.
    public func momentum(after count: Int) -> Double? { nil }
}

/// A learning rate that stays.
public struct ConstantRate: LearningRateSchedule, Equatable {
    /// The initial rate for ever.
    public init() {}

    /// The initial rate.
    public func rate(after count: Int, initial: Double) -> Double { initial }
}

/// r₀ γⁿ, PyTorch's `ExponentialLR`.
public struct ExponentialDecay: LearningRateSchedule, Equatable {
    /// γ, `gamma`.
    public let factor: Double

    /// A rate that is multiplied by `factor` each time.
    public init(factor: Double) {
        require(factor > 0, "a learning rate is multiplied by a factor > 0, not \(factor)")
        self.factor = factor
    }

    /// r₀ γⁿ.
    public func rate(after count: Int, initial: Double) -> Double { initial * power(factor, count) }
}
