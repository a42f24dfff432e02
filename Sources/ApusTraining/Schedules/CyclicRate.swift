import ApusCPU
import ApusGraph
import ApusSystem

/// Up and down between two learning rates again and again, PyTorch's `CyclicLR` (Smith 2017, arXiv 1506.01186);
/// momentum goes the other way.
public struct CyclicRate: LearningRateSchedule, Equatable {
    /// How the height of cycles changes.
    public enum Mode: String, Sendable, CaseIterable {
        /// It stays.
        case triangular
        /// Each cycle is half as high as the one before.
        case triangular2
        /// γⁿ, n steps or epochs after the start.
        case exponential = "exp_range"
    }

    /// `base_lr`; the initial rate of the settings has no influence.
    public let minimum: Double
    /// `max_lr`.
    public let maximum: Double
    /// `step_size_up`.
    public let rise: Int
    /// `step_size_down`.
    public let fall: Int
    /// `mode`.
    public var mode = Mode.triangular
    /// γ, `gamma`.
    public var factor = 1.0
    /// `base_momentum` … `max_momentum`; nil for the optimiser's own.
    public var momentum: ClosedRange<Double>? = 0.8...0.9

    /// PyTorch's defaults.
    public init(minimum: Double, maximum: Double, rise: Int, fall: Int) {
        require(rise > 0 && fall > 0, "a cycle has lengths > 0")
        self.minimum = minimum
        self.maximum = maximum
        self.rise = rise
        self.fall = fall
    }

    /// The rate within the cycle.
    public func rate(after count: Int, initial: Double) -> Double {
        minimum + (maximum - minimum) * height(after: count)
    }

    /// The largest momentum where the rate is smallest.
    public func momentum(after count: Int) -> Double? {
        momentum.map { $0.upperBound - ($0.upperBound - $0.lowerBound) * height(after: count) }
    }

    /// From 0 at the start of a cycle to at most 1, and back.
    private func height(after count: Int) -> Double {
        let (cycle, position) = count.quotientAndRemainder(dividingBy: rise + fall)
        let height =
            position <= rise ? Double(position) / Double(rise) : Double(rise + fall - position) / Double(fall)
        switch mode {
        case .triangular: return height
        case .triangular2: return height * power(0.5, cycle)
        case .exponential: return height * power(factor, count)
        }
    }
}
