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
func addScaled(_ a: Tensor, _ scale: Double, _ b: Tensor) -> Tensor {
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
struct AddScaled: Operation {
    let scale: Double
    var label: String { "add" }
    var kind: OperationKind { .elementWise }
    var runsInPlace: Bool { true }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [d, scale * d] }

    func run(_ launch: borrowing Launch) {
        launch.kernels.add_scaled(
            launch.rows * launch.shape.count, launch.input(0), scale, launch.input(1), launch.output)
    }
}

/// c x + s. ∂x = c d.
struct Affine: Operation {
    let scale: Double
    let shift: Double
    var label: String { "affine" }
    var kind: OperationKind { .elementWise }
    var runsInPlace: Bool { true }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [scale * d] }

    func run(_ launch: borrowing Launch) {
        launch.kernels.affine(launch.rows * launch.shape.count, launch.input(0), scale, shift, launch.output)
    }
}
