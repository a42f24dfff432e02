import ApusSystem

/// The matrix product of every row (and component) with a matrix: y = x w.
///
/// - Parameters:
///   - x: any rows, `[C, K]`.
///   - w: `fixed(K)`, `[N]`.
/// - Returns: the rows of `x`, `[C, N]`.
public func matmul(_ x: Tensor, _ w: Tensor) -> Tensor {
    guard case .fixed(let inner) = w.rows, w.shape.components == 1 else {
        fatalError("matmul of '\(x)' and '\(w)': the second must be a matrix with fixed rows")
    }
    require(
        x.shape.features == inner,
        "matmul of '\(x)' and '\(w)': \(x.shape.features) features meet a matrix of \(inner) rows")
    if let y = beforeGathering(x, { matmul($0, w) }) { return y }
    return x.graph.node(
        Matmul(), [x, w], rows: x.rows, shape: Shape(components: x.shape.components, features: w.shape.features))
}

/// The affine map y = x w + b, with the bias `b` of `fixed(1)`, `[N]`; `x` must have one component.
public func linear(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
    if let y = beforeGathering(x, { linear($0, w, b) }) { return y }
    let y = matmul(x, w)
    require(
        y.shape.components == 1 && b.rows == .fixed(1) && b.shape == y.shape,
        "linear of '\(x)' and '\(w)': the bias '\(b)' must be fixed(1) \(y.shape)")
    return x.graph.node(Matmul(), [x, w, b], rows: y.rows, shape: y.shape)
}

/// The sum over rows and components of products of features, Σ xᵀ y: the derivative of `matmul` by its matrix.
///
/// - Returns: `fixed(K)`, `[N]` for `x` of `[C, K]` and `y` of `[C, N]` with the same rows.
public func outer(_ x: Tensor, _ y: Tensor) -> Tensor {
    require(
        x.rows == y.rows && x.shape.components == y.shape.components,
        "outer of '\(x)' and '\(y)': rows and components must be the same")
    return x.graph.node(
        Outer(), [x, y], rows: .fixed(x.shape.features), shape: Shape(features: y.shape.features))
}

/// The transpose of a matrix with fixed rows.
public func transpose(_ w: Tensor) -> Tensor {
    guard case .fixed(let rows) = w.rows, w.shape.components == 1 else {
        fatalError("transpose of '\(w)': only a matrix with fixed rows has one")
    }
    if let known = transposeWithoutExchange(w) { return known }
    return w.graph.node(Transpose(), [w], rows: .fixed(w.shape.features), shape: Shape(features: rows))
}

/// The transpose where it is there already: (wᵀ)ᵀ = w, (xᵀ y)ᵀ = yᵀ x, (a + c b)ᵀ = aᵀ + c bᵀ. The derivatives by a matrix
/// and by its transpose, sums of outer products, then add up in one place.
private func transposeWithoutExchange(_ w: Tensor) -> Tensor? {
    switch w.operation {
    case is Transpose: return w.inputs[0]
    case is Outer: return outer(w.inputs[1], w.inputs[0])
    case let sum as AddScaled:
        guard let a = transposeWithoutExchange(w.inputs[0]), let b = transposeWithoutExchange(w.inputs[1]) else {
            return nil
        }
        return addScaled(a, sum.scale, b)
    default: return nil
    }
}

/// y = x w (+ b). ∂x = d wᵀ, ∂w = xᵀ d, ∂b = Σ d.
struct Matmul: Operation {
    var label: String { "matmul" }
    var kind: OperationKind { .matrixProduct }
    var accumulation: Accumulation { .optional }
    var packedInput: Int? { 1 }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, w) = (output.inputs[0], output.inputs[1])
        let matrices = [matmul(d, transpose(w)), outer(x, d)]
        return output.inputs.count == 3 ? matrices + [columnSum(d)] : matrices
    }

    func work(of output: Tensor) -> Work {
        let inner = output.inputs[0].shape.features
        return Work(rows: output.rows, matrix: 2 * Double(inner * output.shape.count))
    }

    func run(_ launch: borrowing Launch) {
        launch.kernels.matmul(
            launch.matrixRows(0), launch.shape.features, launch.shape(0).features, launch.input(0), launch.input(1),
            launch.step.inputs.count == 3 ? launch.input(2) : nil, launch.output, launch.adds)
    }
}

/// Σ xᵀ y. ∂x = y dᵀ, ∂y = x d.
struct Outer: Operation {
    var label: String { "outer" }
    var kind: OperationKind { .outerProduct }
    var accumulation: Accumulation { .optional }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, y) = (output.inputs[0], output.inputs[1])
        return [matmul(y, transpose(d)), matmul(x, d)]
    }

    func work(of output: Tensor) -> Work {
        let (x, y) = (output.inputs[0], output.inputs[1])
        return Work(rows: x.rows, matrix: 2 * Double(x.shape.count * y.shape.features))
    }

    func run(_ launch: borrowing Launch) {
        launch.kernels.outer(
            launch.matrixRows(0), launch.shape(0).features, launch.shape(1).features, launch.input(0), launch.input(1),
            launch.output, launch.adds)
    }
}

/// wᵀ. The derivative of a transpose is the transpose of the derivative.
struct Transpose: Operation {
    var label: String { "transpose" }
    var kind: OperationKind { .copy }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [transpose(d)] }

    func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    func run(_ launch: borrowing Launch) {
        if launch.kernels.element_size == 4 {
            exchange(of: UInt32.self, launch)
        } else {
            exchange(of: UInt64.self, launch)
        }
    }

    private func exchange<Bits>(of type: Bits.Type, _ launch: borrowing Launch) {
        let (rows, columns) = (launch.rows(0), launch.shape(0).features)
        let input = launch.input(0).assumingMemoryBound(to: Bits.self)
        let output = launch.output.assumingMemoryBound(to: Bits.self)
        for r in 0..<rows {
            for c in 0..<columns { output[c * rows + r] = input[r * columns + c] }
        }
    }
}

/// A matrix in the layout that the matrix product reads. Only the compiler makes this step; it has no derivative.
struct PackedMatrix: Operation {
    let transposed: Bool
    var label: String { "pack" }
    var kind: OperationKind { .packing }

    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] {
        fatalError("a packed matrix exists in programs only")
    }

    func run(_ launch: borrowing Launch) {
        let (rows, columns) = (launch.rows(0), launch.shape(0).features)
        launch.kernels.pack(
            transposed ? columns : rows, transposed ? rows : columns, launch.input(0), transposed ? 1 : 0,
            launch.output)
    }
}
