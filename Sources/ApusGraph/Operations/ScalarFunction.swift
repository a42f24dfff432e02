/// A function of one number, applied to every element.
package enum ScalarFunction: Hashable, Sendable {
    case shiftedSoftplus
    case silu
    case rectifier
    case negativeExponential
    case normalDistribution
    case squareRoot
    case reciprocal
    case absolute
    case clamp
}

/// ln(1 + eˣ) − ln 2 (Schütt et al. 2017, arXiv 1706.08566).
public func shiftedSoftplus(_ x: Tensor) -> Tensor { apply(.shiftedSoftplus, x) }

/// x σ(x), also known as swish.
public func silu(_ x: Tensor) -> Tensor { apply(.silu, x) }

/// σ(x) = 1/(1 + e⁻ˣ), the derivative of the shifted softplus.
public func sigmoid(_ x: Tensor) -> Tensor { apply(.shiftedSoftplus, order: 1, x) }

/// tanh x = 2 σ(2x) − 1.
public func tanh(_ x: Tensor) -> Tensor { 2 * sigmoid(2 * x) + -1 }

/// max(x, 0); its derivative is a step, zero at zero.
public func rectifier(_ x: Tensor) -> Tensor { apply(.rectifier, x) }

/// 1 for x > 0, else 0, whose derivative is nought everywhere.
package func step(_ x: Tensor) -> Tensor { apply(.rectifier, order: 1, x) }

/// e^min(x, 0) − 1; its derivative is eˣ up to and at zero, and zero beyond.
public func negativeExponential(_ x: Tensor) -> Tensor { apply(.negativeExponential, x) }

/// Φ(x) = (1 + erf(x/√2))/2, the distribution function of a normal variable.
public func normalDistribution(_ x: Tensor) -> Tensor { apply(.normalDistribution, x) }

/// √x; its derivative is infinite at zero.
public func squareRoot(_ x: Tensor) -> Tensor { apply(.squareRoot, x) }

/// 1/x.
public func reciprocal(_ x: Tensor) -> Tensor { apply(.reciprocal, x) }

/// |x|; its derivative is the sign, zero at zero.
public func absolute(_ x: Tensor) -> Tensor { apply(.absolute, x) }

/// x limited to −1 … 1.
public func clamp(_ x: Tensor) -> Tensor { apply(.clamp, x) }

private func apply(_ function: ScalarFunction, order: Int = 0, _ x: Tensor) -> Tensor {
    if let y = beforeGathering(x, { apply(function, order: order, $0) }) { return y }
    return x.graph.node(ElementWise(function: function, order: order), [x], rows: x.rows, shape: x.shape)
}

/// The derivative of some order of a scalar function. Orders that no kernel computes are products of lower ones, so
/// the set is closed: with σ the sigmoid and p = σ(1 − σ),
/// softplus‴ = p(1 − 2σ), silu‴ = 3p(1 − 2σ) + x p(1 − 6p).
package struct ElementWise: Operation {
    package let function: ScalarFunction
    package let order: Int
    package var label: String {
        switch function {
        case .shiftedSoftplus: ["softplus", "sigmoid", "sigmoid'"][order]
        case .silu: "silu" + String(repeating: "'", count: order)
        case .rectifier: ["rectifier", "step"][order]
        case .negativeExponential: ["exp-", "exp-'"][order]
        case .normalDistribution: ["normal", "normal'"][order]
        case .squareRoot: "sqrt"
        case .reciprocal: "reciprocal"
        case .absolute: ["absolute", "sign"][order]
        case .clamp: ["clamp", "clamp'"][order]
        }
    }
    package var kind: OperationKind {
        switch function {
        case .shiftedSoftplus, .silu, .rectifier, .negativeExponential, .normalDistribution: .activation
        case .squareRoot, .reciprocal, .absolute, .clamp: .elementWise
        }
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let x = output.inputs[0]
        switch function {
        case .shiftedSoftplus, .silu:
            if order < 2 { return [d * apply(function, order: order + 1, x)] }
            let s = sigmoid(x)
            let p = apply(.shiftedSoftplus, order: 2, x)
            let slope = p * (1 - 2 * s)
            if function == .shiftedSoftplus { return [d * slope] }
            return [d * (3 * slope + x * (p * (1 - 6 * p)))]
        case .negativeExponential: return [d * (order == 0 ? apply(function, order: 1, x) : output)]
        case .normalDistribution: return [order == 0 ? d * apply(function, order: 1, x) : -(d * (x * output))]
        case .squareRoot: return [d * (0.5 * reciprocal(output))]
        case .reciprocal: return [-(d * (output * output))]
        // The slopes are constant between the corners.
        case .rectifier, .absolute, .clamp: return [order == 0 ? d * apply(function, order: 1, x) : nil]
        }
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows, other: 10 * Double(output.shape.count)) }
}
