import ApusSystem

/// The continuous-filter convolution over undirected pairs, with the same filter in both directions:
/// out_i = Σ_j x_j w_ij (Schütt et al. 2018, doi 10.1063/1.5019779).
///
/// - Parameters:
///   - x: `atoms`, `[C, F]`.
///   - filter: w, `pairs`, `[F]`.
/// - Returns: `atoms`, `[C, F]`.
public func pairConvolution(_ x: Tensor, filter: Tensor) -> Tensor {
    guard let list = PairList(rows: filter.rows), x.rows == .atoms,
        filter.shape == Shape(features: x.shape.features)
    else { fatalError("convolution of '\(x)' with '\(filter)': atoms [C, F] and pairs [F] are needed") }
    return coupledPairs(.convolution(components: x.shape.components), x, filter, to: .atoms, over: list)
}

/// The product of the features of both ends of a pair, symmetric in the ends: out_ij = Σ_c x_i y_j + x_j y_i. Convolution and
/// product are derivatives of one form.
///
/// - Parameters:
///   - x: `atoms`, `[C, F]`.
///   - y: as `x`.
///   - list: the pairs.
/// - Returns: `pairs`, `[F]`.
public func pairProduct(_ x: Tensor, _ y: Tensor, over list: PairList = .network) -> Tensor {
    require(
        x.rows == .atoms && y.rows == .atoms && x.shape == y.shape,
        "pair product of '\(x)' and '\(y)': atoms with the same shape are needed")
    let form = Coupling.convolution(components: x.shape.components).reordered([2, 0, 1], ends: (0, 1))
    return coupledPairs(form, x, y, to: list.rows, over: list)
}
