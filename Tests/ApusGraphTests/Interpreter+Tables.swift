@testable import ApusGraph

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension TableLookup {
    /// The first of the two rows around a distance and the weights of both, from the cubic polynomials of Hermite.
    func weights(at distance: Estimate, points: Int) -> (row: Int, low: Estimate, high: Estimate) {
        let position = distance.value / spacing
        let row = max(0, min(Int(position), points - 2))
        // The rounded spacing and the division: two roundings of the position.
        let t = Estimate(value: position - Double(row), error: distance.error / spacing + 2 * position.magnitude)
        let ends: [[Double]] = slopes ? [[0, 1, -2, 1], [0, 0, -1, 1]] : [[1, 0, -3, 2], [0, 0, 3, -2]]
        let scale = (slopes ? spacing : 1) / pow(spacing, Double(order))
        let weights = ends.map { polynomial -> Estimate in
            let coefficients = (0..<order).reduce(polynomial) { known, _ in derivative(of: known) }
            let size = sum(coefficients.map(\.magnitude), at: t.value.magnitude)
            let slope = sum(derivative(of: coefficients), at: t.value)
            let weight = t.applying(sum(coefficients, at: t.value), slope: slope, size: size)
            return Estimate(value: scale * weight.value, error: scale * weight.error)
        }
        return (row, weights[0], weights[1])
    }

    private func derivative(of coefficients: [Double]) -> [Double] {
        coefficients.enumerated().dropFirst().map { Double($0.offset) * $0.element }
    }

    private func sum(_ coefficients: [Double], at t: Double) -> Double {
        coefficients.reversed().reduce(0) { $0 * t + $1 }
    }

    /// Two weighted rows of a table for every distance.
    func rows(of table: [Estimate], at distances: [Estimate], width: Int) -> [Estimate] {
        distances.flatMap { distance in
            let (row, low, high) = weights(at: distance, points: table.count / width)
            return (0..<width).map { low * table[row * width + $0] + high * table[(row + 1) * width + $0] }
        }
    }
}

extension TableScatter {
    /// A table in which every row of x is added to two rows.
    func table(from x: [Estimate], at distances: [Estimate], width: Int, zeros: [Estimate]) -> [Estimate] {
        var table = zeros
        for (p, distance) in distances.enumerated() {
            let (row, low, high) = lookup.weights(at: distance, points: table.count / width)
            for k in 0..<width {
                table[row * width + k] += low * x[p * width + k]
                table[(row + 1) * width + k] += high * x[p * width + k]
            }
        }
        return table
    }
}
