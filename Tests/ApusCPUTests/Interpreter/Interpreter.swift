@testable import ApusCPU
@testable import ApusGraph

/// Evaluates a graph node by node from the definitions of the operations, every node in memory of its own: what a
/// compiled program is compared with.
struct Interpreter {
    private let batch: Batch
    private var values: [Tensor: [[Estimate]]] = [:]

    init(_ batch: Batch) { self.batch = batch }

    /// The values of each tensor.
    mutating func evaluate(_ tensors: [Tensor]) -> [[[Estimate]]] {
        for tensor in topologicalOrder(tensors) where values[tensor] == nil { values[tensor] = evaluate(tensor) }
        return tensors.map { values[$0]! }
    }

    private func evaluate(_ tensor: Tensor) -> [[Estimate]] {
        if tensor.rows.isFixed, tensor.inputs.allSatisfy(\.rows.isFixed) {
            return [evaluate(tensor, in: Batch.Part())]
        }
        let parts = batch.parts.enumerated().map { evaluate(tensor, chunk: $0, in: $1) }
        guard tensor.rows.isFixed else { return parts }
        let zeros = [Estimate](repeating: .zero, count: tensor.elementCount)
        return [parts.reduce(zeros) { zip($0, $1).map { $0 + $1 } }]
    }

    private func evaluate(_ tensor: Tensor, chunk: Int = 0, in part: Batch.Part) -> [Estimate] {
        let a = tensor.inputs.map { values[$0]![$0.rows.isFixed ? 0 : chunk] }
        let count = part.count(tensor.rows) * tensor.shape.count
        let zeros = [Estimate](repeating: .zero, count: count)
        switch tensor.operation {
        case let input as Input: return part.inputs[input.name]!.map { Estimate(value: $0) }
        case let parameter as Parameter:
            let first = tensor.graph.parameters.prefix(parameter.index).reduce(0) { $0 + $1.elementCount }
            return batch.parameters[first..<first + count].map { Estimate(value: $0) }
        case let constant as Constant: return constant.values.map { Estimate(value: $0) }
        case let add as AddScaled: return zip(a[0], a[1]).map { $0 + add.scale * $1 }
        case let affine as Affine: return a[0].map { affine.scale * $0 + Estimate(value: affine.shift) }
        case let function as ElementWise: return a[0].map(function.value)
        case let basis as GaussianBasis: return a[0].flatMap { basis.row($0, centers: a[1], gammas: a[2]) }
        case let cutoff as CosineCutoff: return a[0].map(cutoff.value)
        case let lookup as TableLookup: return lookup.rows(of: a[0], at: a[1], width: tensor.shape.count)
        case let scatter as TableScatter:
            return scatter.table(from: a[0], at: a[1], width: tensor.shape.features, zeros: zeros)
        case is Matmul: return product(tensor, a)
        case is Outer: return outerProduct(tensor, a)
        case is Transpose:
            let columns = tensor.shape.features
            return (0..<count).map { a[0][$0 % columns * tensor.inputs[0].shape.features + $0 / columns] }
        case is ColumnSum:
            var out = zeros
            for (k, value) in a[0].enumerated() { out[k % tensor.shape.count] += value }
            return out
        case is BroadcastRows: return (0..<count).map { a[0][$0 % tensor.shape.count] }
        case is StackRows: return a[0] + a[1]
        case let slice as SliceRows: return Array(a[0][(slice.first * tensor.shape.count)...].prefix(count))
        case is Contraction: return contraction(tensor, a)
        case let coupling as RowCoupling: return coupled(coupling.form, tensor, a, zeros)
        case let harmonics as HarmonicFunctions: return harmonics.values(of: a[0])
        case let gather as Gather:
            let index = part[gather.map]
            let length = tensor.shape.count
            return index.flatMap { a[0][Int($0) * length..<(Int($0) + 1) * length] }
        case let sum as SegmentSum:
            let index = part[sum.map]
            let length = tensor.shape.count
            var out = zeros
            for (k, value) in a[0].enumerated() { out[Int(index[k / length]) * length + k % length] += value }
            return out
        case is Reshape, is StopGradient: return a[0]
        case let operation where Self.isCopy(operation): return a[0]
        case let maximum as SegmentMaximum: return largest(tensor, maximum, a, part)
        default: return overPairs(tensor, a, part, zeros)
        }
    }

    /// The largest value that is sent to each row; the lowest number where none is.
    private func largest(
        _ tensor: Tensor, _ maximum: SegmentMaximum, _ a: [[Estimate]], _ part: Batch.Part
    ) -> [Estimate] {
        let length = tensor.shape.count
        var out = [Estimate](repeating: Estimate(value: -.infinity), count: part.count(tensor.rows) * length)
        for (values, map) in zip(a, maximum.maps) {
            for (k, value) in values.enumerated() {
                let place = Int(part[map][k / length]) * length + k % length
                if value.value > out[place].value { out[place] = value }
            }
        }
        return out
    }

    private func product(_ tensor: Tensor, _ a: [[Estimate]]) -> [Estimate] {
        let (inner, columns) = (tensor.inputs[0].shape.features, tensor.shape.features)
        return (0..<a[0].count / inner * columns).map { index in
            let (row, column) = (index / columns, index % columns)
            let start = a.count == 3 ? a[2][column] : .zero
            return (0..<inner).reduce(start) { $0 + a[0][row * inner + $1] * a[1][$1 * columns + column] }
        }
    }

    private func outerProduct(_ tensor: Tensor, _ a: [[Estimate]]) -> [Estimate] {
        let (left, right) = (tensor.inputs[0].shape.features, tensor.inputs[1].shape.features)
        return (0..<left * right).map { index in
            (0..<a[0].count / left).reduce(.zero) {
                $0 + a[0][$1 * left + index / right] * a[1][$1 * right + index % right]
            }
        }
    }

    private func contraction(_ tensor: Tensor, _ a: [[Estimate]]) -> [Estimate] {
        let (left, right, shape) = (tensor.inputs[0].shape, tensor.inputs[1].shape, tensor.shape)
        let rows = a[0].count / left.count
        var out = [Estimate](repeating: .zero, count: rows * shape.count)
        func index(_ row: Int, _ c: Int, _ f: Int, _ shape: Shape) -> Int {
            row * shape.count + (shape.components > 1 ? c * shape.features : 0) + (shape.features > 1 ? f : 0)
        }
        for row in 0..<rows {
            for c in 0..<max(left.components, right.components) {
                for f in 0..<max(left.features, right.features) {
                    out[index(row, c, f, shape)] += a[0][index(row, c, f, left)] * a[1][index(row, c, f, right)]
                }
            }
        }
        return out
    }
}
