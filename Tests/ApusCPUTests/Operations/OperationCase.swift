import Testing

@testable import ApusCPU
@testable import ApusGraph

/// One operation at leaves of a graph, for checks that hold for all operations.
struct OperationCase: Sendable, CustomTestStringConvertible {
    let name: String
    let ranges: [String: ClosedRange<Double>]
    let build: @Sendable (Graph) -> Tensor

    init(
        _ name: String, ranges: [String: ClosedRange<Double>] = [:], _ build: @escaping @Sendable (Graph) -> Tensor
    ) {
        self.name = name
        self.ranges = ranges
        self.build = build
    }

    var testDescription: String { name }

    /// A whole vector of the widest instruction set and a remainder, in either precision.
    static let features = 17
    static let scalars = Shape(features: features)
    static let vectors = Shape(components: 3, features: features)

    static let all =
        matrixProducts + rows + gathers + sums + products + functions + distances + tables + pairs + directions
        + reuses + couplings + spaces
}

extension OperationCase {
    private static let matrixProducts = [
        OperationCase("matmul atoms [17] to [5]") {
            matmul($0.input("x", rows: .atoms, shape: scalars), $0.parameter("w", rows: features, features: 5))
        },
        OperationCase("matmul pairs [3, 5] to [3, 17]") {
            let x = $0.input("x", rows: .pairs, shape: Shape(components: 3, features: 5))
            return matmul(x, $0.parameter("w", rows: 5, features: features))
        },
        OperationCase("matmul systems [1] to [5]") {
            matmul($0.input("x", rows: .systems), $0.parameter("w", rows: 1, features: 5))
        },
        OperationCase("matmul of parameters") {
            matmul($0.parameter("a", rows: 4, features: 5), $0.parameter("b", rows: 5, features: 3))
        },
        OperationCase("matmul with a transpose") {
            let w = $0.parameter("w", rows: 5, features: features)
            return matmul($0.input("x", rows: .atoms, shape: scalars), transpose(w))
        },
        OperationCase("linear") {
            linear(
                $0.input("x", rows: .pairs, shape: scalars), $0.parameter("w", rows: features, features: 5),
                $0.parameter("b", features: 5))
        },
        OperationCase("matmul with a matrix and its transpose") {
            let w = $0.parameter("w", rows: 5, features: features)
            return matmul(silu(matmul($0.input("x", rows: .atoms, shape: Shape(features: 5)), w)), transpose(w))
        },
        OperationCase("transpose") { transpose($0.parameter("w", rows: 4, features: 3)) },
        OperationCase("outer pairs [17], [5]") {
            let y = $0.input("y", rows: .pairs, shape: Shape(features: 5))
            return outer($0.input("x", rows: .pairs, shape: scalars), y)
        },
        OperationCase("outer atoms [3, 17], [3, 5]") {
            let y = $0.input("y", rows: .atoms, shape: Shape(components: 3, features: 5))
            return outer($0.input("x", rows: .atoms, shape: vectors), y)
        },
    ]

    private static let rows = [
        OperationCase("columnSum pairs [3, 17]") { columnSum($0.input("x", rows: .pairs, shape: vectors)) },
        OperationCase("columnSum of a parameter") { columnSum($0.parameter("w", rows: 4, features: 3)) },
        OperationCase("broadcast over pairs") {
            broadcast($0.parameter("b", features: features), over: .pairs)
        },
        OperationCase("stack") { stack($0.parameter("a", rows: 2, features: 3), $0.parameter("b", features: 3)) },
        OperationCase("matmul with a stack") {
            let w = stack($0.parameter("a", rows: features - 1, features: 5), $0.parameter("b", features: 5))
            return matmul($0.input("x", rows: .atoms, shape: scalars), w)
        },
        OperationCase("slice of the first rows") { slice($0, first: 0, count: 2) },
        OperationCase("slice between") { slice($0, first: 1, count: 2) },
        OperationCase("slice of the last rows") { slice($0, first: 3, count: 2) },
    ]

    private static func slice(_ graph: Graph, first: Int, count: Int) -> Tensor {
        let w = graph.parameter("w", rows: 5, features: 3)
        return graph.node(SliceRows(first: first), [w], rows: .fixed(count), shape: w.shape)
    }

    private static let gathers = [
        OperationCase("gather by kind") {
            gather($0.parameter("table", rows: Batch.kinds, features: features), by: .speciesOfAtom)
        },
        OperationCase("layers of gathered kinds") {
            let x = gather($0.parameter("table", rows: Batch.kinds, features: 4), by: .speciesOfAtom)
            let w = $0.parameter("w", rows: 4, features: 5)
            let hidden = silu(linear(x, w, $0.parameter("b", features: 5)))
            return matmul(hidden, $0.parameter("v", rows: 5, features: 3))
        },
        OperationCase("gather by system") {
            gather($0.input("x", rows: .systems, shape: vectors), by: .systemOfAtom)
        },
        OperationCase("segmentSum by system") {
            segmentSum($0.input("x", rows: .atoms, shape: vectors), by: .systemOfAtom, into: .systems)
        },
        OperationCase("segmentSum by kind") {
            segmentSum($0.input("x", rows: .atoms, shape: scalars), by: .speciesOfAtom, into: .fixed(Batch.kinds))
        },
    ]

    private static let sums = [
        OperationCase("a + b") {
            $0.input("a", rows: .atoms, shape: vectors) + $0.input("b", rows: .atoms, shape: vectors)
        },
        OperationCase("a - b") {
            $0.input("a", rows: .pairs, shape: scalars) - $0.input("b", rows: .pairs, shape: scalars)
        },
        OperationCase("sum of parameters") {
            $0.parameter("a", rows: 2, features: 3) + $0.parameter("b", rows: 2, features: 3)
        },
        OperationCase("c x") { -2.5 * $0.input("x", rows: .atoms, shape: scalars) },
        OperationCase("x + s") { $0.input("x", rows: .systems) + 1.5 },
        OperationCase("s - x") { 1.5 - $0.input("x", rows: .pairs, shape: .vector) },
        OperationCase("-x") { -$0.input("x", rows: .pairs, shape: scalars) },
    ]

    /// One tensor in several places: its derivatives add up.
    private static let reuses = [
        OperationCase("x x") {
            let x = $0.input("x", rows: .atoms, shape: scalars)
            return x * x
        },
        OperationCase("x + x") {
            let x = $0.input("x", rows: .atoms, shape: scalars)
            return x + x
        },
        OperationCase("silu(x w) + x w v") {
            let x = matmul(
                $0.input("x", rows: .atoms, shape: scalars), $0.parameter("w", rows: features, features: features))
            return silu(x) + matmul(x, $0.parameter("v", rows: features, features: features))
        },
    ]
}
