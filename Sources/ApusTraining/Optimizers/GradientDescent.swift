import ApusCPU
import ApusPotentials

/// Stochastic gradient descent, with PyTorch's form of momentum; weight decay is added to the gradients:
///
///     u ← μ u + g,  w ← w − r u,  or w ← w − r (g + μ u) with Nesterov's momentum
public struct GradientDescent: Optimizer {
    /// The name in configurations.
    public static let name = "SGD"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<GradientDescent>] = [
        .real("momentum", \.momentum, .belowOne, key: "momentum", "Part of the last change that the next one keeps."),
        .flag("nesterov", \.isNesterov, key: "nesterov", "Whether momentum looks one step ahead."),
    ]
    /// μ, the part of the last change that the next one keeps.
    public var momentum = 0.0
    /// Whether momentum looks one step ahead.
    public var isNesterov = false

    /// Without momentum.
    public init() {}

    /// With momentum.
    public init(momentum: Double, isNesterov: Bool = false) {
        (self.momentum, self.isNesterov) = (momentum, isNesterov)
    }

    /// Nesterov's momentum is one.
    public var conflict: KeyConflict? {
        guard isNesterov, momentum == 0 else { return nil }
        return KeyConflict(
            ["nesterov"], "nesterov is true, but there is no momentum", remedy: "set momentum or remove nesterov")
    }

    /// u, where there is a momentum.
    public var momentNames: [String] { momentum > 0 ? ["momentum_buffer"] : [] }

    /// Whether there is one.
    public var hasMomentum: Bool { momentum > 0 }

    /// Scaling 1, added decay 2, rate 2, momentum 2 and 2 more to look ahead.
    public var operations: Double { 5 + (momentum > 0 ? isNesterov ? 4 : 2 : 0) }

    /// The formulas above.
    public func step(
        _ executor: Executor, _ parameters: Numbers, moments: [Numbers], spans: [TrainedSpan], _ step: OptimizerStep
    ) -> Bool {
        executor.descend(
            parameters, moments: moments, spans: spans,
            step: DescentStep(
                rate: step.rate, momentum: step.momentum ?? momentum, isNesterov: isNesterov,
                gradients: step.gradients))
    }
}
