import ApusSystem

/// The difference of both ends of a pair, out_ij = x_j − x_i: `pairs` of the shape of `x`.
public func pairDifference(_ x: Tensor) -> Tensor {
    require(x.rows == .atoms, "pair difference of '\(x)': it must have rows of atoms")
    return x.graph.node(PairDifference(), [x], rows: .pairs, shape: x.shape)
}

/// The values of a pair added to its second atom and subtracted from its first: `atoms` of the shape of `x`.
///
/// With g = ∂E/∂(r_j − r_i) the result is ∂E/∂r.
public func pairScatter(_ x: Tensor) -> Tensor {
    require(x.rows == .pairs, "pair scatter of '\(x)': it must have rows of pairs")
    return x.graph.node(PairScatter(), [x], rows: .atoms, shape: x.shape)
}

/// x_j − x_i. ∂x = scatter of d.
package struct PairDifference: Operation {
    package var label: String { "pairDifference" }
    package var kind: OperationKind { .pairDifference }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [pairScatter(d)] }

    package func traffic(_ calls: Calls) -> Traffic { calls.pairTraffic }
}

/// out_j += x, out_i −= x. ∂x = difference of d.
package struct PairScatter: Operation {
    package var label: String { "pairScatter" }
    package var kind: OperationKind { .pairDifference }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [pairDifference(d)] }

    package func work(of output: Tensor) -> Work { Work(rows: .pairs, other: 2 * Double(output.shape.count)) }

    package func traffic(_ calls: Calls) -> Traffic { calls.pairTraffic }
}
