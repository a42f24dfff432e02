import ApusSystem

/// The derivatives of `y`, summed over all its elements, by each of `xs`: new tensors of the same graph, which can be
/// differentiated again. Nil where `y` does not depend on an `x`.
///
/// Reverse accumulation; only paths that lead to one of `xs` are followed.
///
/// - Parameter seed: the weights of the elements of `y` in the sum; ones when nil.
public func gradient(of y: Tensor, seed: Tensor? = nil, by xs: [Tensor]) -> [Tensor?] {
    let order = topologicalOrder([y])
    var needed = Set(xs)
    for tensor in order where tensor.inputs.contains(where: needed.contains) { needed.insert(tensor) }
    guard needed.contains(y) else { return xs.map { _ in nil } }

    let seed = seed ?? ones(like: y)
    require(seed.rows == y.rows && seed.shape == y.shape, "seed '\(seed)' must be like '\(y)'")
    var cotangents: [Tensor: Tensor] = [y: seed]
    for tensor in order.reversed() where needed.contains(tensor) {
        guard let cotangent = cotangents[tensor], !tensor.inputs.isEmpty else { continue }
        for (input, derivative) in zip(tensor.inputs, tensor.operation.derivatives(of: tensor, cotangent: cotangent)) {
            guard let derivative, needed.contains(input) else { continue }
            cotangents[input] = cotangents[input].map { $0 + derivative } ?? derivative
        }
    }
    return xs.map { cotangents[$0] }
}

private func ones(like y: Tensor) -> Tensor {
    if case .fixed(let rows) = y.rows {
        return y.graph.constant([Double](repeating: 1, count: rows * y.shape.count), shape: y.shape)
    }
    let row = y.graph.constant([Double](repeating: 1, count: y.shape.count), shape: y.shape)
    return broadcast(row, over: y.rows)
}
