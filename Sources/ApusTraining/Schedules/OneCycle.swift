import ApusSystem

/// Up to a large learning rate, and down to a very small one, PyTorch's `OneCycleLR`
/// (Smith & Topin 2019, arXiv 1708.07120); momentum goes the other way.
public struct OneCycle: LearningRateSchedule, Equatable {
    /// The way between two rates.
    public enum Strategy: String, Sendable, CaseIterable {
        /// Half a cosine.
        case cosine = "cos"
        /// A straight line.
        case linear
    }

    /// `max_lr`; the initial rate of the settings has no influence.
    public let maximum: Double
    /// `total_steps`, the number of steps of the whole training.
    public let length: Int
    /// `pct_start`, the part of them in which the rate rises.
    public var rise = 0.3
    /// `anneal_strategy`.
    public var strategy = Strategy.cosine
    /// `div_factor`: the first rate is maximum/divisor.
    public var divisor = 25.0
    /// `final_div_factor`: the last rate is that over this.
    public var finalDivisor = 1e4
    /// `three_phase`: down to the first rate in as many steps as up, then down to the last.
    public var hasThreePhases = false
    /// `base_momentum` … `max_momentum`; nil for the optimiser's own.
    public var momentum: ClosedRange<Double>? = 0.85...0.95

    /// PyTorch's defaults.
    public init(maximum: Double, length: Int) {
        require(length > 0, "a cycle has a length > 0, not \(length)")
        self.maximum = maximum
        self.length = length
    }

    /// The rate of a phase; after the end, the last rate.
    public func rate(after count: Int, initial: Double) -> Double {
        let first = maximum / divisor
        let last = first / finalDivisor
        let corners = hasThreePhases ? [first, maximum, first, last] : [first, maximum, last]
        return value(after: count, corners)
    }

    /// The largest at first, the smallest when the rate is largest.
    public func momentum(after count: Int) -> Double? {
        guard let (low, high) = momentum.map({ ($0.lowerBound, $0.upperBound) }) else { return nil }
        return value(after: count, hasThreePhases ? [high, low, high, high] : [high, low, high])
    }

    /// The way along corners, of which each phase has two.
    private func value(after count: Int, _ corners: [Double]) -> Double {
        let total = Double(length)
        let ends = (hasThreePhases ? [rise * total - 1, 2 * rise * total - 2] : [rise * total - 1]) + [total - 1]
        let position = min(Double(count), total - 1)
        var start = 0.0
        for (phase, end) in ends.enumerated() {
            if position <= end || phase == ends.count - 1 {
                // A phase of no length is at its end.
                let fraction = end > start ? (position - start) / (end - start) : 1
                switch strategy {
                case .cosine: return cosine(from: corners[phase], to: corners[phase + 1], at: fraction)
                case .linear: return corners[phase] + (corners[phase + 1] - corners[phase]) * fraction
                }
            }
            start = end
        }
        fatalError("the last phase holds all positions")
    }
}
