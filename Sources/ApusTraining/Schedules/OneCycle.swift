import ApusPotentials

/// Up to a large learning rate, and down to a very small one, PyTorch's `OneCycleLR`
/// (Smith & Topin 2019, arXiv 1708.07120); momentum goes the other way.
public struct OneCycle: MomentumCycle {
    /// The way between two rates.
    public enum Strategy: String, Codable, Sendable, CaseIterable {
        /// Half a cosine.
        case cosine = "cos"
        /// A straight line.
        case linear
    }

    /// The name in configurations.
    public static let name = "OneCycleLR"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<OneCycle>] =
        [
            .real("maximum", \.maximum, .positive, key: "max_lr", unset: "training.lr", "Largest learning rate."),
            .integer(
                "epochs", \.epochs, 1...1_000_000, key: "epochs", unset: "training.number_of_epochs",
                "Length of the cycle (arXiv 1708.07120); then the learning rate stays."),
            .real("rise", \.rise, .fraction, key: "pct_start", "Part of the cycle in which the learning rate rises."),
            .choice(
                "strategy", \.strategy, key: "anneal_strategy",
                "Whether the learning rate follows a cosine or a straight line."),
            .real(
                "divisor", \.divisor, .positive, key: "div_factor", "The first learning rate is max_lr over this."),
            .real(
                "finalDivisor", \.finalDivisor, .positive, key: "final_div_factor",
                "The last learning rate is the first over this."),
            .flag(
                "hasThreePhases", \.hasThreePhases, key: "three_phase",
                "Whether the learning rate falls to the first one as fast as it rose, and then to the last."),
        ] + momentumHyperparameters
    /// The largest rate; nil for the rate before schedules.
    public var maximum: Double?
    /// The epochs of the cycle; nil for all of the training.
    public var epochs: Int?
    /// The part of the cycle in which the rate rises.
    public var rise = 0.3
    /// The way between two rates.
    public var strategy = Strategy.cosine
    /// The first rate is the largest over this.
    public var divisor = 25.0
    /// The last rate is the first over this.
    public var finalDivisor = 1e4
    /// Whether the rate goes down to the first one in as many steps as up, then down to the last.
    public var hasThreePhases = false
    /// Whether the momentum falls when the rate rises.
    public var cyclesMomentum = true
    /// The smallest momentum.
    public var baseMomentum = 0.85
    /// The largest momentum.
    public var maximumMomentum = 0.95

    /// PyTorch's defaults.
    public init() {}

    /// PyTorch's defaults up to a rate.
    public init(maximum: Double, epochs: Int? = nil) { (self.maximum, self.epochs) = (maximum, epochs) }

    /// Three phases leave something for the last.
    public var conflict: KeyConflict? {
        guard hasThreePhases, rise >= 0.5 else { return momentumConflict }
        return KeyConflict(
            ["pct_start", "three_phase"],
            "pct_start is \(rise), which leaves nothing for the last of three phases", remedy: "choose less than 0.5")
    }

    /// The rate of a phase; after the end, the last rate.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double {
        let maximum = maximum ?? course.rate
        let first = maximum / divisor
        let last = first / finalDivisor
        let corners = hasThreePhases ? [first, maximum, first, last] : [first, maximum, last]
        return value(after: count, of: course, corners)
    }

    /// The largest at first, the smallest when the rate is largest.
    public func momentum(after count: Int, of course: ScheduleCourse) -> Double? {
        guard cyclesMomentum else { return nil }
        let (low, high) = (baseMomentum, maximumMomentum)
        return value(after: count, of: course, hasThreePhases ? [high, low, high, high] : [high, low, high])
    }

    /// The way along corners, of which each phase has two.
    private func value(after count: Int, of course: ScheduleCourse, _ corners: [Double]) -> Double {
        let total = Double(course.intervals(in: epochs))
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
