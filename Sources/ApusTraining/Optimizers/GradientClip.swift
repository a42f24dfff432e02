import ApusCPU

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
