@testable import ApusCPU
@testable import ApusGraph

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension TableLookup {
    /// The quintic polynomials of Hermite as coefficients of 1, t, …, t⁵: for value, slope and curvature of the row
    /// below, then of the row above.
    private static let polynomials: [[Double]] = [
        [1, 0, 0, -10, 15, -6], [0, 1, 0, -6, 8, -3], [0, 0, 0.5, -1.5, 1.5, -0.5],
        [0, 0, 0, 10, -15, 6], [0, 0, 0, -4, 7, -3], [0, 0, 0, 0.5, -1, 0.5],
    ]

    /// The first of the two rows around a distance and the weights of the three parts of both.
    func weights(at distance: Estimate, points: Int) -> (row: Int, weights: [Estimate]) {
        let position = distance.value / spacing
        let row = max(0, min(Int(position), points - 2))
        // The rounded spacing and the division: two roundings of the position.
        let t = Estimate(value: position - Double(row), error: distance.error / spacing + 2 * position.magnitude)
        let weights = Self.polynomials.enumerated().map { k, polynomial -> Estimate in
            let scale = pow(spacing, Double(k % 3 - order))
            let coefficients = (0..<order).reduce(polynomial) { known, _ in derivative(of: known) }
            let size = sum(coefficients.map(\.magnitude), at: t.value.magnitude)
            let slope = sum(derivative(of: coefficients), at: t.value)
            let weight = t.applying(sum(coefficients, at: t.value), slope: slope, size: size)
            return Estimate(value: scale * weight.value, error: scale * weight.error)
        }
        return (row, weights)
    }

    private func derivative(of coefficients: [Double]) -> [Double] {
        coefficients.enumerated().dropFirst().map { Double($0.offset) * $0.element }
    }

    private func sum(_ coefficients: [Double], at t: Double) -> Double {
        coefficients.reversed().reduce(0) { $0 * t + $1 }
    }

    /// The weighted parts of two rows of a table for every distance.
    func rows(of table: [Estimate], at distances: [Estimate], width: Int) -> [Estimate] {
        distances.flatMap { distance in
            let (row, weights) = weights(at: distance, points: table.count / (3 * width))
            return (0..<width).map { k in
                weights.enumerated().dropFirst().reduce(weights[0] * table[3 * row * width + k]) {
                    $0 + $1.element * table[(3 * row + $1.offset) * width + k]
                }
            }
        }
    }
}

extension TableScatter {
    /// A table in which every row of x is added to the parts of two rows.
    func table(from x: [Estimate], at distances: [Estimate], width: Int, zeros: [Estimate]) -> [Estimate] {
        var table = zeros
        for (p, distance) in distances.enumerated() {
            let (row, weights) = lookup.weights(at: distance, points: table.count / (3 * width))
            for (part, weight) in weights.enumerated() {
                for k in 0..<width { table[(3 * row + part) * width + k] += weight * x[p * width + k] }
            }
        }
        return table
    }
}
