import ApusSystem

/// The largest of all values that maps send to the same row of `rows`, feature by feature; the lowest number that there is
/// where nothing is sent.
///
/// - Parameters:
///   - values: tensors of one shape, each with a map that it has the source's rows of; the maps have one target.
///   - rows: the target of the maps.
public func segmentMaximum(_ values: [(Tensor, by: RowMap)], into rows: RowSpace) -> Tensor {
    guard let first = values.first?.0, rows.indexSet != nil else {
        fatalError("a maximum of segments needs values, and rows of the batch, not \(rows)")
    }
    for (tensor, map) in values {
        require(
            tensor.rows == map.source && map.target == rows && rows != map.source && tensor.shape == first.shape
                && tensor.rows == first.rows,
            "segment maximum of '\(tensor)' by the \(map): rows of \(map.source) of \(first.shape) that go into \(rows) "
                + "are needed")
    }
    return first.graph.node(
        SegmentMaximum(maps: values.map(\.by)), values.map(\.0), rows: rows, shape: first.shape)
}

/// The softmax over the neighbours of each atom, of numbers that every pair has for both of its ends:
///
///     α_ij = exp(a_ij) / Σ_k exp(a_ik),   the sum over all neighbours k of atom i.
///
/// - Parameters:
///   - toFirst: a_ij of the pair p = (i, j), seen from its first atom, `pairs`, `[F]`.
///   - toSecond: a_ji, seen from its second atom.
/// - Returns: α_ij and α_ji.
///
/// The largest a of an atom is taken off before, which changes nothing but the range of the exponentials; no gradient goes
/// through it.
public func neighborSoftmax(toFirst: Tensor, toSecond: Tensor) -> (toFirst: Tensor, toSecond: Tensor) {
    guard let list = PairList(rows: toFirst.rows), toSecond.rows == toFirst.rows, toSecond.shape == toFirst.shape else {
        fatalError("softmax of '\(toFirst)' and '\(toSecond)': both must have rows of one list of pairs, and one shape")
    }
    let ends = [(toFirst, by: list.first), (toSecond, by: list.second)]
    let largest = stopGradient(segmentMaximum(ends, into: .atoms))
    // No argument is above zero, where e^min(x, 0) − 1 and one more are the exponential.
    let powers = ends.map { negativeExponential($0.0 - gather(largest, by: $0.by)) + 1 }
    let sums = zip(powers, ends).map { segmentSum($0, by: $1.by, into: .atoms) }
    let inverse = reciprocal(sums[0] + sums[1])
    let shares = zip(powers, ends).map { $0 * gather(inverse, by: $1.by) }
    return (shares[0], shares[1])
}

/// max over k and r with map_k(r) = s. ∂values_k = gather of d where the value is the largest; equal ones all get it.
package struct SegmentMaximum: Operation {
    package let maps: [RowMap]
    package var label: String { "segmentMaximum" }
    package var kind: OperationKind { .segmentSum }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        zip(output.inputs, maps).map { values, map in
            // m − v is zero for the largest alone, and the step is one above zero.
            let isSmaller = step(gather(output, by: map) - values)
            return gather(d, by: map) * (1 - isSmaller)
        }
    }

    package func work(of output: Tensor) -> Work {
        Work(rows: output.inputs[0].rows, other: Double(maps.count * output.shape.count))
    }

    package func traffic(_ calls: Calls) -> Traffic {
        let values = maps.indices.reduce(0) { $0 + calls.input($1) }
        return Traffic(
            read: 2 * values, written: values + calls.cleared, indices: Double(maps.count) * calls.inputRows(0))
    }
}
