@testable import ApusCPU
@testable import ApusGraph

extension OperationCase {
    /// Ten rows of a table: distances fall in every interval, and beyond the last row.
    private static let points = 10
    private static let spacing = 0.25
    private static let range: [String: ClosedRange<Double>] = ["d": 0.02...2.6]

    /// Rows of values, slopes and curvatures, made of a parameter.
    private static func table(_ graph: Graph) -> Tensor {
        let parts = (0..<points).flatMap { (row: Int) -> [Double] in
            [1, 0.5 - 0.1 * Double(row), 0.3 * Double(row) - 1]
        }
        return graph.parameter("table", rows: points, features: features) * graph.constant(parts, shape: .vector)
    }

    /// Lookups of an order differentiate to the next two; the fourth is the last that two of them reach as a quintic.
    static let tables =
        [0, 1, 2, 3].flatMap { order -> [OperationCase] in
            let lookup = TableLookup(order: order, spacing: spacing)
            return [
                OperationCase("lookup, derivative \(order)", ranges: range) {
                    lookup.of(table($0), $0.input("d", rows: .pairs))
                },
                OperationCase("scatter, derivative \(order)", ranges: range) {
                    let x = $0.input("x", rows: .pairs, shape: scalars)
                    return TableScatter(lookup: lookup).of(x, $0.input("d", rows: .pairs), like: table($0))
                },
            ]
        } + [
            OperationCase("radial table", ranges: range) { graph in
                let centers = graph.constant((0..<5).map { 0.5 * Double($0) }, shape: Shape(features: 5))
                let gammas = graph.constant([2, 2.5, 3, 3.5, 4], shape: Shape(features: 5))
                let w = graph.parameter("w", rows: 5, features: features)
                // The radius lies between rows, where rounding does not decide what is beyond it.
                let table = RadialTable(graph, end: 2.25, points: points) { distance in
                    silu(matmul(gaussianBasis(distance, centers: centers, gammas: gammas), w))
                        * cosineCutoff(distance, radius: 2.1)
                }
                return table(graph.input("d", rows: .pairs))
            }
        ]
}
