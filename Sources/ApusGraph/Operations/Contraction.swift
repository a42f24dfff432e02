import ApusSystem

/// The product of two tensors row by row, broadcast over axes of extent one and summed over the axes that `shape` lacks:
/// out[c, f] = Σ a[c, f] b[c, f].
///
/// With the axes c (components, 3) and f (features) this covers what equivariant networks multiply:
/// `[F]·[F]` element by element, `[F]·[1]` a row times a number, `[3]⊗[F]` to `[3, F]`, `[3, F]·[F]`,
/// `[3, F]·[3, F]` to `[F]` (scalar products), `[F]·[F]` to `[1]` (row dot), and so on.
public func contract(_ a: Tensor, _ b: Tensor, to shape: Shape) -> Tensor {
    require(a.rows == b.rows, "product of '\(a)' and '\(b)': rows must be the same")
    for (axis, extents) in [
        ("components", [a.shape.components, b.shape.components, shape.components]),
        ("features", [a.shape.features, b.shape.features, shape.features]),
    ] {
        // An axis of one tensor alone would be a plain sum or copy, whose derivative is no product.
        let full = extents.max()!
        let carriers = extents.count { $0 == full }
        require(
            full == 1 || carriers >= 2 && extents.allSatisfy { $0 == full || $0 == 1 },
            "product of '\(a)' and '\(b)' to \(shape): \(axis) do not fit together")
    }
    return a.graph.node(Contraction(), [a, b], rows: a.rows, shape: shape)
}

extension Tensor {
    /// The product row by row, broadcast over axes of extent one.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let shape = Shape(
            components: max(a.shape.components, b.shape.components), features: max(a.shape.features, b.shape.features))
        return contract(a, b, to: shape)
    }
}

/// Σ a b. Each derivative is a product of the same kind: ∂a = Σ d b to the shape of a, ∂b = Σ d a to the shape of b.
package struct Contraction: Operation {
    package var label: String { "product" }
    package var kind: OperationKind { .rowProduct }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (a, b) = (output.inputs[0], output.inputs[1])
        // One product with twice the cotangent rather than the sum of two equal ones.
        if a == b { return [contract(2 * d, b, to: a.shape), nil] }
        return [contract(d, b, to: a.shape), contract(d, a, to: b.shape)]
    }

    package func full(_ a: Shape, _ b: Shape) -> Shape {
        Shape(components: max(a.components, b.components), features: max(a.features, b.features))
    }

    package func work(of output: Tensor) -> Work {
        let extents = full(output.inputs[0].shape, output.inputs[1].shape)
        return Work(rows: output.rows, other: Double(extents.count) * (extents == output.shape ? 1 : 2))
    }
}
