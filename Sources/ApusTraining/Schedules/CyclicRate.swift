import ApusCPU
import ApusPotentials

/// Up and down between two learning rates again and again, PyTorch's `CyclicLR` (Smith 2017, arXiv 1506.01186);
/// momentum goes the other way.
public struct CyclicRate: MomentumCycle {
    /// How the height of cycles changes.
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// It stays.
        case triangular
        /// Each cycle is half as high as the one before.
        case triangular2
        /// γⁿ, n steps after the start.
        case exponential = "exp_range"
    }

    /// The name in configurations.
    public static let name = "CyclicLR"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<CyclicRate>] =
        [
            .real("maximum", \.maximum, .positive, key: "max_lr", "Largest learning rate.").needed,
            .real(
                "minimum", \.minimum, .nonNegative, key: "base_lr", unset: "training.lr",
                "Smallest learning rate (arXiv 1506.01186)."),
            .integer(
                "epochsUp", \.epochsUp, 1...1_000_000, key: "epochs_up", "Epochs in which the learning rate rises."
            ).needed,
            .integer(
                "epochsDown", \.epochsDown, 1...1_000_000, key: "epochs_down", unset: "epochs_up",
                "Epochs in which the learning rate falls."),
            .real(
                "factor", \.factor, .decay, key: "gamma", "Factor for the height of cycles with mode exp_range."),
        ] + momentumHyperparameters + [
            .choice(
                "mode", \.mode, key: "mode",
                "How the height of cycles changes: not at all, by half each time, or by gamma with every step.")
        ]
    /// How the height of cycles changes.
    public var mode = Mode.triangular
    /// The largest rate.
    public var maximum = 1.0
    /// The smallest rate; nil for the rate before schedules.
    public var minimum: Double?
    /// The epochs in which the rate rises.
    public var epochsUp = 1
    /// The epochs in which it falls; nil for as many.
    public var epochsDown: Int?
    /// γ.
    public var factor = 1.0
    /// Whether the momentum falls when the rate rises.
    public var cyclesMomentum = true
    /// The smallest momentum.
    public var baseMomentum = 0.8
    /// The largest momentum.
    public var maximumMomentum = 0.9

    /// PyTorch's defaults.
    public init() {}

    /// PyTorch's defaults between two rates.
    public init(minimum: Double? = nil, maximum: Double, epochsUp: Int, epochsDown: Int? = nil) {
        (self.minimum, self.maximum, self.epochsUp, self.epochsDown) = (minimum, maximum, epochsUp, epochsDown)
    }

    /// Neither the smallest rate nor the smallest momentum is above the largest.
    public func conflict(rate: Double) -> KeyConflict? {
        .above("base_lr", minimum ?? rate, "max_lr", maximum) ?? momentumConflict
    }

    /// The rate within the cycle.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double {
        let lowest = minimum ?? course.rate
        return lowest + (maximum - lowest) * height(after: count, of: course)
    }

    /// The largest momentum where the rate is smallest.
    public func momentum(after count: Int, of course: ScheduleCourse) -> Double? {
        guard cyclesMomentum else { return nil }
        return maximumMomentum - (maximumMomentum - baseMomentum) * height(after: count, of: course)
    }

    /// From 0 at the start of a cycle to at most 1, and back.
    private func height(after count: Int, of course: ScheduleCourse) -> Double {
        let rise = course.intervals(in: epochsUp)
        let fall = course.intervals(in: epochsDown ?? epochsUp)
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
