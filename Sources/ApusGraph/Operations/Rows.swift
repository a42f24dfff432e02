import ApusSystem

/// The sum over all rows, `fixed(1)` of the shape of `x`.
public func columnSum(_ x: Tensor) -> Tensor {
    x.graph.node(ColumnSum(), [x], rows: .fixed(1), shape: x.shape)
}

/// The single row of `b` repeated for every row of `rows`.
public func broadcast(_ b: Tensor, over rows: RowSpace) -> Tensor {
    require(b.rows == .fixed(1), "broadcast of '\(b)': only a single row can be repeated")
    return b.graph.node(BroadcastRows(), [b], rows: rows, shape: b.shape)
}

/// The matrix with the rows of `a` above those of `b`; both have fixed rows and the same shape.
public func stack(_ a: Tensor, _ b: Tensor) -> Tensor {
    guard case .fixed(let above) = a.rows, case .fixed(let below) = b.rows, a.shape == b.shape else {
        fatalError("stack of '\(a)' and '\(b)': both must have fixed rows of the same shape")
    }
    return a.graph.node(StackRows(), [a, b], rows: .fixed(above + below), shape: a.shape)
}

/// Σ over rows. ∂x repeats d.
package struct ColumnSum: Operation {
    package var label: String { "columnSum" }
    package var kind: OperationKind { .columnSum }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        [broadcast(d, over: output.inputs[0].rows)]
    }

    package func work(of output: Tensor) -> Work {
        Work(rows: output.inputs[0].rows, other: Double(output.shape.count))
    }
}

/// One row repeated. ∂b = Σ d.
package struct BroadcastRows: Operation {
    package var label: String { "broadcast" }
    package var kind: OperationKind { .copy }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [columnSum(d)] }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}

/// Rows of a above rows of b. Each derivative is its slice of d.
package struct StackRows: Operation {
    package var label: String { "stack" }
    package var kind: OperationKind { .copy }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        guard case .fixed(let above) = output.inputs[0].rows, case .fixed(let below) = output.inputs[1].rows else {
            fatalError("stack of rows that are not fixed")
        }
        let slice = { (first: Int, count: Int) in
            d.graph.node(SliceRows(first: first), [d], rows: .fixed(count), shape: d.shape)
        }
        return [slice(0, above), slice(above, below)]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}

/// The rows from `first` on. ∂x is d between rows of zeros.
package struct SliceRows: Operation {
    package let first: Int
    package var label: String { "slice" }
    package var kind: OperationKind { .copy }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        guard case .fixed(let total) = output.inputs[0].rows, case .fixed(let count) = output.rows else {
            fatalError("slice of rows that are not fixed")
        }
        var padded = d
        if first > 0 { padded = stack(zeros(first, like: d), padded) }
        let below = total - first - count
        if below > 0 { padded = stack(padded, zeros(below, like: d)) }
        return [padded]
    }

    private func zeros(_ rows: Int, like d: Tensor) -> Tensor {
        let values = [Double](repeating: 0, count: rows * d.shape.count)
        return d.graph.constant(values, shape: d.shape)
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    package func traffic(_ calls: Calls) -> Traffic { Traffic(read: calls.output, written: calls.output) }
}
