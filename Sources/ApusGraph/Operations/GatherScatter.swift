import ApusSystem

/// For every row of the map's source, the row of `x` that the map names.
///
/// - Parameter x: rows of the map's target; a table with fixed rows where it has none.
/// - Returns: the source's rows, shaped as `x`.
public func gather(_ x: Tensor, by map: RowMap) -> Tensor {
    require(map.leads(to: x.rows), "gather of '\(x)' by the \(map): it must have \(map.targetName)")
    require(x.rows != map.source, "gather of '\(x)' by the \(map): a map from a space to itself is not supported")
    return x.graph.node(Gather(map: map), [x], rows: map.source, shape: x.shape)
}

/// A function of rows of a table, f(table_k(r)) = f(table)_k(r): computed once per step, and once for a model that only
/// predicts. Nil when `x` is something else.
package func beforeGathering(_ x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor? {
    guard let gathering = x.operation as? Gather, gathering.map.target == nil else { return nil }
    return gather(function(x.inputs[0]), by: gathering.map)
}

/// The sum of `values` over the rows that the map sends to the same row of `rows`: 0 where there are none.
///
/// - Parameters:
///   - values: rows of the map's source.
///   - rows: the map's target, or a number of fixed rows where it has none.
public func segmentSum(_ values: Tensor, by map: RowMap, into rows: RowSpace) -> Tensor {
    require(values.rows == map.source, "segment sum of '\(values)': it must have rows of \(map.source)")
    require(
        map.leads(to: rows) && rows != map.source,
        "segment sum of '\(values)' by the \(map): it cannot go into \(rows)")
    return values.graph.node(SegmentSum(map: map), [values], rows: rows, shape: values.shape)
}

/// out_r = x_map(r). ∂x = segment sum of d.
package struct Gather: Operation {
    package let map: RowMap
    package var label: String { "gather" }
    package var kind: OperationKind { .gather }
    package var maps: [RowMap] { [map] }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        [segmentSum(d, by: map, into: output.inputs[0].rows)]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }

    /// A row of the table for every row of the output.
    package func traffic(_ calls: Calls) -> Traffic {
        Traffic(read: calls.output, written: calls.output, indices: calls.outputRows)
    }
}

/// out_s = Σ values_r over map(r) = s. ∂values = gather of d.
package struct SegmentSum: Operation {
    package let map: RowMap
    package var label: String { "segmentSum" }
    package var kind: OperationKind { .segmentSum }
    package var maps: [RowMap] { [map] }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] { [gather(d, by: map)] }

    package func work(of output: Tensor) -> Work {
        Work(rows: output.inputs[0].rows, other: Double(output.shape.count))
    }

    /// Every row of the values is added to a row of the output.
    package func traffic(_ calls: Calls) -> Traffic {
        let values = calls.input(0)
        return Traffic(read: 2 * values, written: values + calls.cleared, indices: calls.inputRows(0))
    }
}
