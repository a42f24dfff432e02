import ApusSystem

/// The weight of a loss component, which may change from epoch to epoch: from `initial` by `step` an epoch until it
/// reaches `target`, where it stays.
public struct WeightSchedule: Sendable, Equatable {
    /// The weight of the first epoch.
    public let initial: Double
    /// The weight at the end.
    public let target: Double
    /// The change from one epoch to the next; its sign follows from initial and target.
    public let step: Double

    /// A schedule; a weight that stays unless a target is given.
    ///
    /// - Precondition: Weights are not negative, and the step is not zero.
    public init(_ initial: Double, target: Double? = nil, step: Double = 1) {
        require(initial >= 0 && (target ?? 0) >= 0 && step != 0, "a schedule needs weights >= 0 and a step")
        self.initial = initial
        self.target = target ?? initial
        self.step = abs(step)
    }

    /// Epochs before the target is reached.
    public var mixingEpochs: Int { Int(saturating: (abs(target - initial) / step - 1e-9).rounded(.up)) }

    /// The weight in an epoch, counted from one.
    public func weight(epoch: Int) -> Double {
        guard epoch <= mixingEpochs else { return target }
        return initial + (target > initial ? step : -step) * Double(epoch - 1)
    }
}
