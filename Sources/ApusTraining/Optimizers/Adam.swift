import ApusCPU
import ApusPotentials

/// Adam, with weight decay taken off the weights (Loshchilov & Hutter 2019, arXiv 1711.05101):
///
///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
///     w ← w − r λ w − r (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
///
/// The defaults are PyTorch's.
public struct AdamW: AdamMoments {
    /// The name in configurations.
    public static let name = "AdamW"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<AdamW>] = adamHyperparameters
    /// β₁ and β₂, the memory of the first and of the second moment.
    public var betas = [0.9, 0.999]
    /// ε, added to the root of the second moment.
    public var epsilon = 1e-8
    /// Whether the largest second moment so far counts (AMSGrad; Reddi et al. 2018, arXiv 1904.09237).
    public var usesLargestMoment = false

    /// It is.
    public static let decouplesDecay = true

    /// PyTorch's defaults.
    public init() {}
}

/// Adam, with weight decay added to the gradients (Kingma & Ba 2015, arXiv 1412.6980); see ``AdamW``.
public struct Adam: AdamMoments {
    /// The name in configurations.
    public static let name = "Adam"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<Adam>] = adamHyperparameters
    /// β₁ and β₂, the memory of the first and of the second moment.
    public var betas = [0.9, 0.999]
    /// ε, added to the root of the second moment.
    public var epsilon = 1e-8
    /// Whether the largest second moment so far counts (AMSGrad; Reddi et al. 2018, arXiv 1904.09237).
    public var usesLargestMoment = false

    /// It is not.
    public static let decouplesDecay = false

    /// PyTorch's defaults.
    public init() {}
}

/// What Adam and AdamW have in common.
public protocol AdamMoments: Optimizer {
    /// Whether weight decay is taken off the weights and not added to their gradients.
    static var decouplesDecay: Bool { get }
    /// β₁ and β₂, the memory of the first and of the second moment.
    var betas: [Double] { get set }
    /// ε, added to the root of the second moment.
    var epsilon: Double { get set }
    /// Whether the largest second moment so far counts.
    var usesLargestMoment: Bool { get set }
}

extension AdamMoments {
    /// Two moments, and for AMSGrad the largest second one.
    public var momentNames: [String] { ["exp_avg", "exp_avg_sq"] + (usesLargestMoment ? ["max_exp_avg_sq"] : []) }

    /// β₁.
    public var hasMomentum: Bool { true }

    /// Scaling 1, moments 3 + 4, a root and a division that count as transcendental functions, the rest 7.
    public var operations: Double { 35 }

    static var adamHyperparameters: [Hyperparameter<Self>] {
        [
            .reals("betas", \.betas, .belowOne, key: "betas", "Memory of the first and of the second moment."),
            .real("eps", \.epsilon, .positive, key: "eps", "Number added to the root of the second moment."),
            .flag(
                "amsgrad", \.usesLargestMoment, key: "amsgrad",
                "Whether the largest second moment so far counts (arXiv 1904.09237)."),
        ]
    }

    /// The formulas above.
    public func step(
        _ executor: Executor, _ parameters: Numbers, moments: [Numbers], spans: [TrainedSpan], _ step: OptimizerStep
    ) -> Bool {
        executor.adam(
            parameters, moments: moments, spans: spans,
            step: AdamStep(
                rate: step.rate, beta1: step.momentum ?? betas[0], beta2: betas[1], epsilon: epsilon,
                decouplesDecay: Self.decouplesDecay, gradients: step.gradients, number: step.number))
    }
}
