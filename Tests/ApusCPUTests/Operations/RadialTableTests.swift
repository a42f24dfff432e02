import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Tabulated functions against the functions themselves.
@Suite struct RadialTableTests {
    private static let widths = [0.2, 0.35]

    /// The largest errors of the interpolated Gaussians e^(−(d − 1)²/2w²) and of their slopes, for each width w.
    private func errors(points: Int) throws -> (values: [Double], slopes: [Double]) {
        let graph = Graph()
        let distance = graph.input("d", rows: .pairs)
        func gaussians(_ distance: Tensor) -> Tensor {
            gaussianBasis(
                distance, centers: graph.constant([1, 1], shape: Shape(features: 2)),
                gammas: graph.constant(Self.widths.map { 0.5 / ($0 * $0) }, shape: Shape(features: 2)))
        }
        let table = RadialTable(graph, end: 2, points: points, function: gaussians)
        var tensors: [Tensor] = []
        for function in [table(distance), gaussians(distance)] {
            // The derivative of each column on its own.
            let slopes = (0..<2).map { k in
                let column = graph.constant([k == 0 ? 1 : 0, k == 0 ? 0 : 1], shape: Shape(features: 2))
                return gradient(of: function, seed: broadcast(column, over: .pairs), by: [distance])[0]!
            }
            tensors += [function] + slopes
        }
        var batch = Batch(for: tensors, sizes: [.init(systems: 1, atoms: 2, pairs: 4001)])
        batch.parts[0].inputs["d"] = (0...4000).map { Double($0) / 2000 }
        let found = try Evaluation(tensors)(batch).map { $0[0] }
        func largest(_ a: [Double], _ b: [Double], from first: Int = 0, by stride: Int = 1) -> Double {
            Swift.stride(from: first, to: a.count, by: stride).reduce(0) { max($0, (a[$1] - b[$1]).magnitude) }
        }
        return (
            (0..<2).map { largest(found[0], found[3], from: $0, by: 2) },
            (0..<2).map { largest(found[1 + $0], found[4 + $0]) }
        )
    }

    /// The remainder of Hermite interpolation is f⁽⁶⁾ (t(1 − t))³ h⁶/720 ≤ h⁶ max|f⁽⁶⁾|/46080; that of its slope is at
    /// most h⁵ max|f⁽⁶⁾| times the largest (t(1 − t))² |1 − 2t|/240, 1/(6000 √5) at t = (1 − 1/√5)/2. A Gaussian of
    /// width w has max|f⁽⁶⁾| = 15/w⁶ at its centre. 4001 distances come close to the worst one, and f⁽⁶⁾ changes within
    /// an interval: the bounds are met to a few per cent.
    @Test(arguments: [21, 41]) func errorsOfInterpolation(points: Int) throws {
        let spacing = 2 / Double(points - 1)
        let errors = try errors(points: points)
        for (k, width) in Self.widths.enumerated() {
            let ratio = spacing / width
            let fifth = ratio * ratio * ratio * ratio * ratio
            let value = 15 * fifth * ratio / 46080
            let slope = 15 * fifth / (6000 * 5.0.squareRoot() * width)
            #expect(errors.values[k] < value && errors.values[k] > 0.7 * value, "width \(width)")
            #expect(errors.slopes[k] < slope && errors.slopes[k] > 0.7 * slope, "width \(width)")
        }
    }
}
