import ApusSystem

extension Tensor {
    /// Element-wise sum of tensors with the same rows and shape.
    public static func + (a: Tensor, b: Tensor) -> Tensor { addScaled(a, 1, b) }

    /// Element-wise difference of tensors with the same rows and shape.
    public static func - (a: Tensor, b: Tensor) -> Tensor { addScaled(a, -1, b) }

    /// Every element times a number.
    public static func * (scale: Double, x: Tensor) -> Tensor { affine(x, scale: scale, shift: 0) }

    /// A number added to every element.
    public static func + (x: Tensor, shift: Double) -> Tensor { affine(x, scale: 1, shift: shift) }

    /// A number minus every element.
    public static func - (shift: Double, x: Tensor) -> Tensor { affine(x, scale: -1, shift: shift) }

    /// Every element negated.
    public static prefix func - (x: Tensor) -> Tensor { -1 * x }
}

/// a + c b.
package func addScaled(_ a: Tensor, _ scale: Double, _ b: Tensor) -> Tensor {
    require(
        a.rows == b.rows && a.shape == b.shape, "sum of '\(a)' and '\(b)': rows and shapes must be the same")
    return a.graph.node(AddScaled(scale: scale), [a, b], rows: a.rows, shape: a.shape)
}

private func affine(_ x: Tensor, scale: Double, shift: Double) -> Tensor {
    if scale == 1 && shift == 0 { return x }
    if let inner = x.operation as? Affine {
        return affine(x.inputs[0], scale: scale * inner.scale, shift: scale * inner.shift + shift)
    }
    return x.graph.node(Affine(scale: scale, shift: shift), [x], rows: x.rows, shape: x.shape)
}

/// a + c b. ∂a = d, ∂b = c d.
package struct AddScaled: Operation {
    package let scale: Double
    package var label: String { "add" }
    package var kind: OperationKind { .elementWise }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [d, scale * d] }
}

/// c x + s. ∂x = c d.
package struct Affine: Operation {
    package let scale: Double
    package let shift: Double

    package init(scale: Double, shift: Double) { (self.scale, self.shift) = (scale, shift) }

    package var label: String { "affine" }
    package var kind: OperationKind { .elementWise }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [scale * d] }
}
