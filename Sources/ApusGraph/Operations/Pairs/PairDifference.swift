import ApusSystem

/// The difference of both ends of a pair, out_ij = x_j − x_i: rows of the list, shaped as `x`.
public func pairDifference(_ x: Tensor, over list: PairList = .network) -> Tensor {
    require(x.rows == .atoms, "pair difference of '\(x)': it must have rows of atoms")
    return x.graph.node(PairDifference(list: list), [x], rows: list.rows, shape: x.shape)
}

/// The values of a pair added to its second atom and subtracted from its first: `atoms` of the shape of `x`.
///
/// With g = ∂E/∂(r_j − r_i) the result is ∂E/∂r.
public func pairScatter(_ x: Tensor) -> Tensor {
    guard let list = PairList(rows: x.rows) else { fatalError("pair scatter of '\(x)': it must have rows of pairs") }
    return x.graph.node(PairScatter(list: list), [x], rows: .atoms, shape: x.shape)
}

/// x_j − x_i. ∂x = scatter of d.
package struct PairDifference: Operation {
    package let list: PairList
    package var label: String { "pairDifference" }
    package var kind: OperationKind { .pairDifference }
    package var maps: [RowMap] { list.ends }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [pairScatter(d)] }

    package func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }
}

/// out_j += x, out_i −= x. ∂x = difference of d.
package struct PairScatter: Operation {
    package let list: PairList
    package var label: String { "pairScatter" }
    package var kind: OperationKind { .pairDifference }
    package var maps: [RowMap] { list.ends }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [pairDifference(d, over: list)] }

    package func work(of output: Tensor) -> Work { Work(rows: list.rows, other: 2 * Double(output.shape.count)) }

    package func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }
}
