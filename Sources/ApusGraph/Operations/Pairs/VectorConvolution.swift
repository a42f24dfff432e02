import ApusSystem

/// The directional convolution over undirected pairs: out_i = Σ_j u_ij ⊗ (x_j w_ij), where the vector u_ij of a pair
/// points from the first atom to the second and changes sign with the direction
/// (Schütt, Unke & Gastegger 2021, arXiv 2102.03150, the middle term of eq. 8).
///
/// - Parameters:
///   - x: `atoms`, `[F]`.
///   - filter: w, `pairs`, `[F]`.
///   - direction: u, `pairs`, `[3, 1]`.
/// - Returns: `atoms`, `[3, F]`.
public func vectorConvolution(_ x: Tensor, filter: Tensor, direction: Tensor) -> Tensor {
    guard let list = PairList(rows: filter.rows) else {
        fatalError("directional convolution of '\(x)' with '\(filter)': the filter must have rows of pairs")
    }
    let scalars = Shape(features: x.shape.features)
    for (tensor, rows, shape) in [
        (x, RowSpace.atoms, scalars), (filter, list.rows, scalars), (direction, list.rows, .vector),
    ] {
        require(
            tensor.rows == rows && tensor.shape == shape,
            "directional convolution of '\(x)', '\(filter)' and '\(direction)': '\(tensor)' must be \(rows) \(shape)")
    }
    return coupledPairs(.direction, x, filter, direction, to: .atoms, over: list)
}
