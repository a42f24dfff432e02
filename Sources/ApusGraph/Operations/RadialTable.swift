import ApusSystem

/// A function of the distance tabulated once per step: values, slopes and curvatures at distances 0, h, 2h, …, between
/// which it is interpolated by quintics (Hermite).
///
/// The interpolated function and its first two derivatives are continuous, and derivatives of results by distances are
/// the exact derivatives of the interpolated function. For a function f the error is at most h⁶ max|f⁽⁶⁾|/46080.
public struct RadialTable {
    /// Distances of the rows, `fixed(G)`, `[1]`.
    public let grid: Tensor
    /// Values, slopes and curvatures, `fixed(G)`, `[3, F]`.
    private let table: Tensor
    private let spacing: Double

    /// Tabulates a function on `points` distances from zero to `end`.
    ///
    /// - Parameter function: makes `[F]` per row from distances of `[1]`, with any row space.
    public init(_ graph: Graph, end: Double, points: Int, function: (Tensor) -> Tensor) {
        require(points >= 2 && end > 0, "a table needs two points and a positive end")
        let last = Double(points - 1)
        spacing = end / last
        // The last distance is exactly the end, where a cutoff function has its limits from within.
        grid = graph.constant((0..<points).map { end * Double($0) / last }, shape: .scalar)
        let values = function(grid)
        let slopes = Self.slopes(of: values, by: grid)
        let parts = [values, slopes, Self.slopes(of: slopes, by: grid)].enumerated().map { k, part in
            let axis = (0..<points).flatMap { _ in (0..<3).map { $0 == k ? 1.0 : 0.0 } }
            return part * graph.constant(axis, shape: .vector)
        }
        table = parts[0] + parts[1] + parts[2]
    }

    /// The function at distances of pairs, `[F]`.
    public func callAsFunction(_ distances: Tensor) -> Tensor {
        TableLookup(order: 0, spacing: spacing).of(table, distances)
    }

    /// ∂f/∂d of every feature. Reverse accumulation gives Σ_f u_f ∂f_f/∂d for weights u; that is linear in u, and its
    /// derivative by u is what is wanted, whatever the weights were.
    private static func slopes(of values: Tensor, by grid: Tensor) -> Tensor {
        guard case .fixed(let points) = values.rows else { fatalError("tables have fixed rows") }
        let weights = values.graph.constant(
            [Double](repeating: 1, count: points * values.shape.count), shape: values.shape)
        guard let sum = gradient(of: values, seed: weights, by: [grid])[0],
            let slopes = gradient(of: sum, by: [weights])[0]
        else { fatalError("'\(values)' does not depend on the distance") }
        return slopes
    }
}

/// The interpolation of a table at a distance, or its derivative of some order by the distance.
/// ∂table = scatter of d with the same weights, ∂distance = Σ_f d_f times the lookup of the next order.
package struct TableLookup: Operation {
    package let order: Int
    package let spacing: Double
    package var label: String { "lookup" + String(repeating: "'", count: order) }
    package var kind: OperationKind { .table }

    package func of(_ table: Tensor, _ distances: Tensor) -> Tensor {
        require(
            table.shape.components == 3 && distances.shape == .scalar,
            "lookup of '\(distances)' in '\(table)': scalars and a table of [3, F] are needed")
        return table.graph.node(
            self, [table, distances], rows: distances.rows, shape: Shape(features: table.shape.features))
    }

    package var next: TableLookup { TableLookup(order: order + 1, spacing: spacing) }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (table, distances) = (output.inputs[0], output.inputs[1])
        return [
            TableScatter(lookup: self).of(d, distances, like: table),
            contract(d, next.of(table, distances), to: .scalar),
        ]
    }

    package func work(of output: Tensor) -> Work { Work(rows: output.rows, other: 12 * Double(output.shape.count)) }

    /// Two rows of the table for every distance.
    package func traffic(_ calls: Calls) -> Traffic {
        Traffic(read: calls.outputRows + (calls.adds ? 7 : 6) * calls.output, written: calls.output)
    }
}

/// The transpose of a lookup: rows of x added to the rows of the table around each distance.
/// ∂x = lookup in d, ∂distance = Σ_f x_f times the lookup of the next order in d.
package struct TableScatter: Operation {
    package let lookup: TableLookup
    package var label: String { "scatter" + String(repeating: "'", count: lookup.order) }
    package var kind: OperationKind { .table }

    package func of(_ x: Tensor, _ distances: Tensor, like table: Tensor) -> Tensor {
        x.graph.node(self, [x, distances], rows: table.rows, shape: table.shape)
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, distances) = (output.inputs[0], output.inputs[1])
        return [lookup.of(d, distances), contract(x, lookup.next.of(d, distances), to: .scalar)]
    }

    package func work(of output: Tensor) -> Work {
        Work(rows: output.inputs[0].rows, other: 4 * Double(output.shape.count))
    }

    /// Every row of x is added to all parts of two rows of the table.
    package func traffic(_ calls: Calls) -> Traffic {
        let x = calls.input(0)
        return Traffic(read: calls.inputRows(1) + 7 * x, written: 6 * x + calls.cleared)
    }
}
