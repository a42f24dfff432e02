import ApusCPU
import ApusGraph

/// How gradients change parameters.
public enum Optimizer: Sendable, Equatable, Codable {
    /// Adam and AdamW.
    case adam(Adam)
    /// Stochastic gradient descent, with PyTorch's form of momentum.
    case descent(momentum: Double, isNesterov: Bool)

    /// AdamW with PyTorch's defaults.
    public static let adamW = Optimizer.adam(Adam())

    /// The settings of Adam and AdamW; the defaults are PyTorch's for AdamW.
    public struct Adam: Sendable, Equatable, Codable {
        /// β₁, the memory of the first moment.
        public var beta1 = 0.9
        /// β₂, the memory of the second moment.
        public var beta2 = 0.999
        /// ε, added to the root of the second moment.
        public var epsilon = 1e-8
        /// Whether weight decay is taken off the weights (AdamW) and not added to their gradients (Adam).
        public var decouplesDecay = true
        /// Whether the largest second moment so far counts (AMSGrad).
        public var usesLargestMoment = false

        /// PyTorch's defaults.
        public init() {}
    }

    /// The arrays, of the size of the parameters, that it remembers from step to step, with PyTorch's names; zeros at
    /// first.
    public var momentNames: [String] {
        switch self {
        case .adam(let adam): ["exp_avg", "exp_avg_sq"] + (adam.usesLargestMoment ? ["max_exp_avg_sq"] : [])
        case .descent(let momentum, _): momentum > 0 ? ["momentum_buffer"] : []
        }
    }

    /// What a step costs: it reads gradients and reads and writes parameters and moments.
    func cost(parameters: Int, elementSize: Int) -> Cost {
        let operations: Double =
            switch self {
            // Scaling 1, moments 3 + 4, a root and a division that count as transcendental functions, the rest 7.
            case .adam: 35
            // Scaling 1, added decay 2, rate 2, momentum 2 and 2 more to look ahead.
            case .descent(let momentum, let isNesterov): 5 + (momentum > 0 ? isNesterov ? 4 : 2 : 0)
            }
        let numbers = 3 + 2 * momentNames.count
        return Cost(operations: operations * Double(parameters), bytes: Double(numbers * parameters * elementSize))
    }

    /// Makes a step with the sums of an executor as gradients.
    ///
    /// - Parameters:
    ///   - moments: as many as there are names.
    ///   - rate: the learning rate.
    ///   - momentum: what stands for β₁ or the momentum in this step; nil for the optimiser's own.
    ///   - number: the number of the step, from one.
    /// - Returns: whether all changed parameters are finite.
    func step(
        _ executor: Executor, _ parameters: Numbers, moments: [Numbers], spans: [DecayedSpan], rate: Double,
        momentum cycled: Double?, gradients: GradientScaling, number: Int
    ) -> Bool {
        switch self {
        case .adam(let adam):
            executor.adam(
                parameters, moments: moments, spans: spans,
                step: AdamStep(
                    rate: rate, beta1: cycled ?? adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon,
                    decouplesDecay: adam.decouplesDecay, gradients: gradients, number: number))
        case .descent(let momentum, let isNesterov):
            executor.descend(
                parameters, moments: moments, spans: spans,
                step: DescentStep(
                    rate: rate, momentum: cycled ?? momentum, isNesterov: isNesterov, gradients: gradients))
        }
    }
}

/// How large gradients are made smaller before a step.
public enum GradientClip: Sendable, Equatable, Codable {
    /// All are multiplied by min(1, limit/(norm + 10⁻⁶)), as PyTorch's `clip_grad_norm_` does.
    case norm(Double)
    /// Each element is limited to −limit … limit.
    case value(Double)

    /// What is done to gradients of this norm.
    func scaling(norm: Double) -> GradientScaling {
        switch self {
        case .norm(let limit): GradientScaling(factor: min(1, limit / (norm + 1e-6)))
        case .value(let limit): GradientScaling(limit: limit)
        }
    }
}
