import ApusSystem

/// The same numbers with other extents: a row keeps its elements in their order.
public func reshape(_ x: Tensor, to shape: Shape) -> Tensor {
    require(x.shape.count == shape.count, "'\(x)' cannot become \(shape), which has another number of elements")
    return x.shape == shape ? x : x.graph.node(Reshape(), [x], rows: x.rows, shape: shape)
}

/// The same numbers, as if they were constants: no gradient goes through.
public func stopGradient(_ x: Tensor) -> Tensor {
    x.graph.node(StopGradient(), [x], rows: x.rows, shape: x.shape)
}

/// x with other extents. ∂x has the extents of x.
package struct Reshape: Operation {
    package var label: String { "reshape" }
    package var kind: OperationKind { .copy }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        [reshape(d, to: output.inputs[0].shape)]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}

/// x without a derivative.
package struct StopGradient: Operation {
    package var label: String { "stopGradient" }
    package var kind: OperationKind { .copy }
    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [nil] }
    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}
