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
struct ColumnSum: Operation {
    var label: String { "columnSum" }
    var kind: OperationKind { .columnSum }
    var accumulation: Accumulation { .optional }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        [broadcast(d, over: output.inputs[0].rows)]
    }

    func work(of output: Tensor) -> Work { Work(rows: output.inputs[0].rows, other: Double(output.shape.count)) }

    func run(_ launch: borrowing Launch) {
        launch.kernels.column_sum(launch.rows(0), launch.shape.count, launch.input(0), launch.output, launch.adds)
    }
}

/// One row repeated. ∂b = Σ d.
struct BroadcastRows: Operation {
    var label: String { "broadcast" }
    var kind: OperationKind { .copy }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [columnSum(d)] }

    func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    func run(_ launch: borrowing Launch) {
        launch.kernels.broadcast_rows(launch.rows, launch.shape.count, launch.input(0), launch.output)
    }
}

/// Rows of a above rows of b. Each derivative is its slice of d.
struct StackRows: Operation {
    var label: String { "stack" }
    var kind: OperationKind { .copy }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        guard case .fixed(let above) = output.inputs[0].rows, case .fixed(let below) = output.inputs[1].rows else {
            fatalError("stack of rows that are not fixed")
        }
        let slice = { (first: Int, count: Int) in
            d.graph.node(SliceRows(first: first), [d], rows: .fixed(count), shape: d.shape)
        }
        return [slice(0, above), slice(above, below)]
    }

    func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    func run(_ launch: borrowing Launch) {
        let above = launch.rows(0) * launch.shape.count * Int(launch.kernels.element_size)
        let below = launch.rows(1) * launch.shape.count * Int(launch.kernels.element_size)
        launch.output.copyMemory(from: launch.input(0), byteCount: above)
        (launch.output + above).copyMemory(from: launch.input(1), byteCount: below)
    }
}

/// The rows from `first` on. ∂x is d between rows of zeros.
struct SliceRows: Operation {
    let first: Int
    var label: String { "slice" }
    var kind: OperationKind { .copy }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
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

    func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    func traffic(_ calls: Calls) -> Traffic { Traffic(read: calls.output, written: calls.output) }

    func run(_ launch: borrowing Launch) {
        let row = launch.shape.count * Int(launch.kernels.element_size)
        launch.output.copyMemory(from: launch.input(0) + first * row, byteCount: launch.rows * row)
    }
}
