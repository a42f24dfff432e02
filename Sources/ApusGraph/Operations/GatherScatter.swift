import ApusSystem

/// A map from the rows of one space to the rows of another, given with every batch.
public enum RowIndex: Hashable, Sendable {
    /// The system that each atom belongs to.
    case systemOfAtom
    /// The row of an embedding table for each atom, such as its atomic number.
    case kindOfAtom

    /// The rows that the index has an entry for.
    var rows: RowSpace { .atoms }
}

/// For every row of the index, the row of `table` that the index names.
public func gather(_ table: Tensor, by index: RowIndex) -> Tensor {
    if index == .systemOfAtom {
        require(table.rows == .systems, "gather of '\(table)' by system: it must have rows of systems")
    } else {
        require(table.rows.isFixed, "gather of '\(table)' by kind: it must have fixed rows")
    }
    return table.graph.node(Gather(index: index), [table], rows: index.rows, shape: table.shape)
}

/// A function of rows of a table of kinds, f(table_kind(r)) = f(table)_kind(r): computed once per step, and once for a model
/// that only predicts. Nil when `x` is something else.
package func beforeGathering(_ x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor? {
    guard let gathering = x.operation as? Gather, gathering.index == .kindOfAtom else { return nil }
    return gather(function(x.inputs[0]), by: gathering.index)
}

/// The sum of `values` over the rows that the index sends to the same row of `rows`.
public func segmentSum(_ values: Tensor, by index: RowIndex, into rows: RowSpace) -> Tensor {
    require(values.rows == index.rows, "segment sum of '\(values)': it must have rows of \(index.rows)")
    require(
        index == .systemOfAtom ? rows == .systems : rows.isFixed,
        "segment sum of '\(values)' by \(index): it cannot go into \(rows)")
    return values.graph.node(SegmentSum(index: index), [values], rows: rows, shape: values.shape)
}

/// out_r = table_index(r). ∂table = segment sum of d.
package struct Gather: Operation {
    package let index: RowIndex
    package var label: String { "gather" }
    package var kind: OperationKind { .gather }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        [segmentSum(d, by: index, into: output.inputs[0].rows)]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    /// A row of the table for every row of the output.
    package func traffic(_ calls: Calls) -> Traffic {
        Traffic(read: calls.output, written: calls.output, indices: calls.outputRows)
    }
}

/// out_s = Σ values_r over index(r) = s. ∂values = gather of d.
package struct SegmentSum: Operation {
    package let index: RowIndex
    package var label: String { "segmentSum" }
    package var kind: OperationKind { .segmentSum }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [gather(d, by: index)] }

    package func work(of output: Tensor) -> Work { Work(rows: output.inputs[0].rows, other: Double(output.shape.count)) }

    /// Every row of the values is added to a row of the output.
    package func traffic(_ calls: Calls) -> Traffic {
        let values = calls.input(0)
        return Traffic(read: 2 * values, written: values + calls.cleared, indices: calls.inputRows(0))
    }
}
