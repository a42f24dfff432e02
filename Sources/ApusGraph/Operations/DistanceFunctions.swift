import ApusSystem

/// Gaussians of a distance, φ_k(d) = exp(−γ_k (d − μ_k)²).
///
/// - Parameters:
///   - distance: any rows, `[1]`.
///   - centers: μ, `fixed(1)`, `[K]`, constant.
///   - gammas: γ, `fixed(1)`, `[K]`, constant.
///   - withConstant: whether a last column holds the constant function one, which carries the bias of a linear filter.
/// - Returns: `[K]` or `[K + 1]` per row.
public func gaussianBasis(
    _ distance: Tensor, centers: Tensor, gammas: Tensor, withConstant: Bool = false
) -> Tensor {
    require(distance.shape == .scalar, "basis of '\(distance)': one distance a row is needed")
    for table in [centers, gammas] {
        require(
            table.operation is Constant && table.rows == .fixed(1) && table.shape == centers.shape,
            "basis of '\(distance)': '\(table)' must be one constant row of \(centers.shape)")
    }
    return GaussianBasis(order: 0, withConstant: withConstant).of(distance, centers, gammas)
}

/// The cosine cutoff (cos(π d / r) + 1)/2 for d < r, zero beyond (Behler 2011, doi 10.1063/1.3553717).
public func cosineCutoff(_ distance: Tensor, radius: Double) -> Tensor {
    require(distance.shape == .scalar, "cutoff of '\(distance)': one distance a row is needed")
    require(radius > 0, "a cutoff radius must be positive, not \(radius)")
    return CosineCutoff(order: 0, radius: radius).of(distance)
}

/// The derivative of some order of the Gaussians by the distance. ∂d = Σ_k d_k φ_k⁽ⁿ⁺¹⁾.
package struct GaussianBasis: Operation {
    package let order: Int
    package let withConstant: Bool
    package var label: String { "gaussians" + String(repeating: "'", count: order) }
    package var kind: OperationKind { .basis }

    package func of(_ distance: Tensor, _ centers: Tensor, _ gammas: Tensor) -> Tensor {
        require(order <= 4, "Gaussians have kernels up to the fourth derivative")
        return distance.graph.node(
            self, [distance, centers, gammas], rows: distance.rows,
            shape: Shape(features: centers.shape.features + (withConstant ? 1 : 0)))
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let inputs = output.inputs
        let slope = GaussianBasis(order: order + 1, withConstant: withConstant).of(inputs[0], inputs[1], inputs[2])
        return [contract(d, slope, to: .scalar), nil, nil]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows, other: 10 * Double(output.shape.count)) }
}

/// The derivative of some order of the cosine cutoff; of any order, since it repeats after four.
package struct CosineCutoff: Operation {
    package let order: Int
    package let radius: Double
    package var label: String { "cutoff" + String(repeating: "'", count: order) }
    package var kind: OperationKind { .basis }

    package func of(_ distance: Tensor) -> Tensor {
        distance.graph.node(self, [distance], rows: distance.rows, shape: .scalar)
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        [d * CosineCutoff(order: order + 1, radius: radius).of(output.inputs[0])]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows, other: 10) }
}
