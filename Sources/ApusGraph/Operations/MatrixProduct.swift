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
package struct Matmul: Operation {
    package var label: String { "matmul" }
    package var kind: OperationKind { .matrixProduct }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, w) = (output.inputs[0], output.inputs[1])
        let matrices = [matmul(d, transpose(w)), outer(x, d)]
        return output.inputs.count == 3 ? matrices + [columnSum(d)] : matrices
    }

    package func work(of output: Tensor) -> Work {
        let inner = output.inputs[0].shape.features
        return Work(rows: output.rows, matrix: 2 * Double(inner * output.shape.count))
    }
}

/// Σ xᵀ y. ∂x = y dᵀ, ∂y = x d.
package struct Outer: Operation {
    package var label: String { "outer" }
    package var kind: OperationKind { .outerProduct }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, y) = (output.inputs[0], output.inputs[1])
        return [matmul(y, transpose(d)), matmul(x, d)]
    }

    package func work(of output: Tensor) -> Work {
        let (x, y) = (output.inputs[0], output.inputs[1])
        return Work(rows: x.rows, matrix: 2 * Double(x.shape.count * y.shape.features))
    }
}

/// wᵀ. The derivative of a transpose is the transpose of the derivative.
package struct Transpose: Operation {
    package var label: String { "transpose" }
    package var kind: OperationKind { .copy }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [transpose(d)] }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}
