import ApusCPU
import ApusGraph

/// The non-linear function between linear layers, of every element.
///
/// The derivatives are those of the operations that a function is made of; where a slope jumps, at zero, it is that
/// of negative numbers, as in PyTorch.
public enum Activation: Sendable, Hashable {
    /// ln(1 + eˣ) − ln 2 (Schütt et al. 2017, arXiv 1706.08566).
    case shiftedSoftplus
    /// x σ(x) (Elfwing et al. 2018, arXiv 1702.03118).
    case silu
    /// tanh x.
    case tanh
    /// σ(x) = 1/(1 + e⁻ˣ).
    case sigmoid
    /// x Φ(x), with the normal distribution Φ itself, not its approximation by tanh (Hendrycks & Gimpel 2016,
    /// arXiv 1606.08415).
    case gelu
    /// max(x, 0).
    case relu
    /// x for x > 0, else s x with the negative slope s.
    case leakyReLU(negativeSlope: Double)
    /// x for x > 0, else α(eˣ − 1) (Clevert et al. 2016, arXiv 1511.07289).
    case elu(alpha: Double)
    /// x for x > 0, else α(e^(x/α) − 1) (Barron 2017, arXiv 1704.07483).
    case celu(alpha: Double)

    /// The function of every element.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .shiftedSoftplus: ApusGraph.shiftedSoftplus(x)
        case .silu: ApusGraph.silu(x)
        case .tanh: ApusGraph.tanh(x)
        case .sigmoid: ApusGraph.sigmoid(x)
        case .gelu: x * normalDistribution(x)
        case .relu: rectifier(x)
        case .leakyReLU(let slope): slope * x + (1 - slope) * rectifier(x)
        case .elu(let alpha): rectifier(x) + alpha * negativeExponential(x)
        case .celu(let alpha): rectifier(x) + alpha * negativeExponential((1 / alpha) * x)
        }
    }

    /// How often the function can be differentiated before a jump comes; nil for as often as one likes.
    public var continuousDerivatives: Int? {
        switch self {
        case .shiftedSoftplus, .silu, .tanh, .sigmoid, .gelu: nil
        case .relu, .leakyReLU: 0
        case .elu(let alpha): alpha == 1 ? 1 : 0
        case .celu: 1
        }
    }
}
