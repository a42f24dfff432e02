@testable import ApusGraph

extension OperationCase {
    /// Ten rows of a table: distances fall in every interval, and beyond the last row.
    private static let points = 10
    private static let spacing = 0.25
    private static let range: [String: ClosedRange<Double>] = ["d": 0.02...2.6]

    /// Lookups of an order differentiate to the next two; the third is the last that is not zero.
    static let tables =
        [false, true].flatMap { slopes in
            [0, 1, 2].flatMap { order -> [OperationCase] in
                let lookup = TableLookup(slopes: slopes, order: order, spacing: spacing)
                let name = "of \(slopes ? "slopes" : "values"), derivative \(order)"
                return [
                    OperationCase("lookup \(name)", ranges: range) {
                        let table = $0.parameter("table", rows: points, features: features)
                        return lookup.of(table, $0.input("d", rows: .pairs))
                    },
                    OperationCase("scatter \(name)", ranges: range) {
                        let table = $0.parameter("table", rows: points, features: features)
                        let x = $0.input("x", rows: .pairs, shape: scalars)
                        return TableScatter(lookup: lookup).of(x, $0.input("d", rows: .pairs), like: table)
                    },
                ]
            }
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
