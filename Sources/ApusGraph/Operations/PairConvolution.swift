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
    return x.graph.node(PairConvolution(list: list), [x, filter], rows: .atoms, shape: x.shape)
}

/// The product of the features of both ends of a pair, symmetric in the ends: out_ij = Σ_c x_i y_j + x_j y_i.
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
    // The product is symmetric, so one order of the inputs makes equal expressions the same node.
    let (a, b) = x.number <= y.number ? (x, y) : (y, x)
    return x.graph.node(PairProduct(list: list), [a, b], rows: list.rows, shape: Shape(features: x.shape.features))
}

// Both operations are derivatives of one trilinear form over the pairs p = (i, j),
//   S(x, w, y) = Σ_p Σ_cf w_pf (x_icf y_jcf + x_jcf y_icf),
// the convolution by y (or x), the pair product by w. So the derivatives of either are the two again.

/// ∂S/∂y. ∂x = convolution of d, ∂w = pair product of d and x.
package struct PairConvolution: Operation {
    package let list: PairList
    package var label: String { "conv" }
    package var kind: OperationKind { .convolution }
    package var maps: [RowMap] { list.ends }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, w) = (output.inputs[0], output.inputs[1])
        return [pairConvolution(d, filter: w), pairProduct(d, x, over: list)]
    }

    package func work(of output: Tensor) -> Work { Work(rows: list.rows, other: 4 * Double(output.shape.count)) }

    package func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }
}

/// ∂S/∂w. ∂x = convolution of y with d, ∂y = convolution of x with d.
package struct PairProduct: Operation {
    package let list: PairList
    package var label: String { "pairProduct" }
    package var kind: OperationKind { .pairProduct }
    package var maps: [RowMap] { list.ends }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, y) = (output.inputs[0], output.inputs[1])
        return [pairConvolution(y, filter: d), pairConvolution(x, filter: d)]
    }

    package func work(of output: Tensor) -> Work { Work(rows: list.rows, other: 4 * Double(output.inputs[0].shape.count)) }

    package func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }
}
