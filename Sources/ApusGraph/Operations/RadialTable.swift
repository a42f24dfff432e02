/// A function of a distance tabulated once per step: values and slopes at distances 0, h, 2h, …, between which it is
/// interpolated by cubics (Hermite).
///
/// The interpolated function and its first derivative are continuous, and derivatives of results by distances are the
/// exact derivatives of the interpolated function. For a function f the error is at most h⁴ max|f⁗|/384.
public struct RadialTable {
    /// Distances of the rows, `fixed(G)`, `[1]`.
    public let grid: Tensor
    private let values: Tensor
    private let slopes: Tensor
    private let spacing: Double

    /// Tabulates a function on `points` distances from zero to `end`.
    ///
    /// - Parameter function: makes `[F]` per row from distances of `[1]`, with any row space.
    public init(_ graph: Graph, end: Double, points: Int, function: (Tensor) -> Tensor) {
        require(points >= 2 && end > 0, "a table needs two points and a positive end")
        spacing = end / Double(points - 1)
        let step = spacing
        grid = graph.constant((0..<points).map { Double($0) * step }, shape: .scalar)
        values = function(grid)
        slopes = Self.slopes(of: values, by: grid)
    }

    /// The function at distances of pairs, `[F]`.
    public func callAsFunction(_ distances: Tensor) -> Tensor {
        require(distances.shape == .scalar, "lookup of '\(distances)': one distance a row is needed")
        return TableLookup(slopes: false, order: 0, spacing: spacing).of(values, distances)
            + TableLookup(slopes: true, order: 0, spacing: spacing).of(slopes, distances)
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

/// Σ of two rows of a table with the weights of interpolation at a distance, or with a derivative of those weights.
/// ∂table = scatter of d with the same weights, ∂distance = Σ_f d_f times the lookup of the next order.
struct TableLookup: Operation {
    let slopes: Bool
    let order: Int
    let spacing: Double
    var label: String { "lookup" + String(repeating: "'", count: order) }
    var accumulation: Accumulation { .optional }

    func of(_ table: Tensor, _ distances: Tensor) -> Tensor {
        table.graph.node(self, [table, distances], rows: distances.rows, shape: table.shape)
    }

    var next: TableLookup { TableLookup(slopes: slopes, order: order + 1, spacing: spacing) }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (table, distances) = (output.inputs[0], output.inputs[1])
        return [
            TableScatter(lookup: self).of(d, distances, like: table),
            contract(d, next.of(table, distances), to: .scalar),
        ]
    }

    func work(of output: Tensor) -> Work { Work(rows: output.rows, other: 4 * Double(output.shape.count)) }

    func run(_ launch: borrowing Launch) {
        launch.kernels.table_lookup(
            launch.rows, launch.shape.count, launch.input(1), launch.rows(0), spacing, slopes ? 1 : 0, Int32(order),
            launch.input(0), launch.output, launch.adds)
    }
}

/// The transpose of a lookup: rows of x added to the two rows of the table around each distance.
/// ∂x = lookup in d, ∂distance = Σ_f x_f times the lookup of the next order in d.
struct TableScatter: Operation {
    let lookup: TableLookup
    var label: String { "scatter" + String(repeating: "'", count: lookup.order) }
    var accumulation: Accumulation { .always }

    func of(_ x: Tensor, _ distances: Tensor, like table: Tensor) -> Tensor {
        x.graph.node(self, [x, distances], rows: table.rows, shape: table.shape)
    }

    func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let (x, distances) = (output.inputs[0], output.inputs[1])
        return [lookup.of(d, distances), contract(x, lookup.next.of(d, distances), to: .scalar)]
    }

    func work(of output: Tensor) -> Work {
        Work(rows: output.inputs[0].rows, other: 4 * Double(output.shape.count))
    }

    func run(_ launch: borrowing Launch) {
        launch.kernels.table_scatter(
            launch.rows(0), launch.shape.count, launch.input(1), launch.rows, lookup.spacing, lookup.slopes ? 1 : 0,
            Int32(lookup.order), launch.input(0), launch.output)
    }
}
