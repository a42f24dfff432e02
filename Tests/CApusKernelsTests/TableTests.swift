import CApusKernels
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Lookup in tables of functions of a distance, and the transpose of it.
@Suite struct TableTests {
    static let rows = 9
    static let widths = [1, 2, 3, 7, 20, 21, 64, 128]

    @Test(arguments: Variant.all) func lookup(_ variant: Variant) throws { try variant.run(Lookup()) }
    @Test(arguments: Variant.all) func scatter(_ variant: Variant) throws { try variant.run(Scatter()) }
    @Test(arguments: Variant.all) func rowsOfTheTable(_ variant: Variant) throws { try variant.run(RowsOfTheTable()) }
    @Test(arguments: Variant.all) func notANumberStays(_ variant: Variant) throws { try variant.run(NotANumber()) }

    /// Distances in every interval, some of them beyond the last row, none where rounding may choose the next interval.
    static func distances<Real: BinaryFloatingPoint>(_ spacing: Double, _ random: inout SplitMix) -> [Real] {
        (0..<31).map { k in
            let position = Double(k % (rows + 1)) + Double.random(in: 0.01...0.99, using: &random)
            return Real(position * spacing)
        }
    }

    /// Every order of which the weights are not all zero, and the first beyond.
    static let orders = 0...6

    private struct Lookup: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 15)
            for (width, spacing) in TableTests.widths.flatMap({ f in [0.25, 0.1, 3].map { (f, $0) } }) {
                for order in TableTests.orders {
                    for accumulate in [false, true] {
                        check(kernels, Real.self, width, spacing, order, accumulate, &random)
                    }
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ width: Int, _ spacing: Double, _ order: Int,
            _ accumulate: Bool, _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let d: [Real] = TableTests.distances(spacing, &random)
            let table: [Real] = random.reals(TableTests.rows * 3 * width)
            let start: [Real] = initialOutput(d.count * width, accumulate: accumulate, &random)
            let out = memory.copy(start)
            kernels.table_lookup(
                d.count, width, memory.copy(d).start, TableTests.rows, spacing, Int32(order),
                memory.copy(table).start, out.start, accumulate ? 1 : 0)
            let place = "table_lookup F=\(width) h=\(spacing) order=\(order) add=\(accumulate)"
            var reference = start.map { Bounded(accumulate ? Double($0) : 0) }
            for (p, d) in d.enumerated() {
                let hermite = HermiteWeights(d, spacing, order: order)
                for (part, weight) in hermite.weights.enumerated() {
                    for k in 0..<width {
                        let value = Double(table[(3 * hermite.interval + part) * width + k])
                        reference[p * width + k].add(weight, times: value)
                    }
                }
            }
            expect(out, isWithin: reference, place)
        }
    }

    private struct Scatter: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 16)
            for (width, spacing) in TableTests.widths.flatMap({ f in [0.25, 0.1, 3].map { (f, $0) } }) {
                for order in TableTests.orders {
                    check(kernels, Real.self, width, spacing, order, &random)
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ width: Int, _ spacing: Double, _ order: Int,
            _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let d: [Real] = TableTests.distances(spacing, &random)
            let x: [Real] = random.reals(d.count * width)
            let start: [Real] = random.reals(TableTests.rows * 3 * width)
            let table = memory.copy(start)
            kernels.table_scatter(
                d.count, width, memory.copy(d).start, TableTests.rows, spacing, Int32(order),
                memory.copy(x).start, table.start)
            var reference = start.map { Bounded(Double($0)) }
            for (p, d) in d.enumerated() {
                let hermite = HermiteWeights(d, spacing, order: order)
                for (part, weight) in hermite.weights.enumerated() {
                    for k in 0..<width {
                        reference[(3 * hermite.interval + part) * width + k].add(
                            weight, times: Double(x[p * width + k]))
                    }
                }
            }
            expect(table, isWithin: reference, "table_scatter F=\(width) h=\(spacing) order=\(order)")
        }
    }

    /// At the distance of a row the function has the value, slope and curvature of that row to the last bit.
    private struct RowsOfTheTable: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 17)
            let memory = Memory()
            defer { memory.release() }
            let (width, spacing) = (21, 0.25)
            let d = memory.copy((0..<TableTests.rows).map { Real($0) * Real(spacing) })
            let table: [Real] = random.reals(TableTests.rows * 3 * width)
            let entries = memory.copy(table)
            for order in 0...2 {
                let out = memory.copy([Real](repeating: .nan, count: TableTests.rows * width))
                kernels.table_lookup(
                    TableTests.rows, width, d.start, TableTests.rows, spacing, Int32(order), entries.start, out.start, 0
                )
                let part = (0..<TableTests.rows).flatMap { (row: Int) -> ArraySlice<Real> in
                    let first = (3 * row + order) * width
                    return table[first..<first + width]
                }
                expect(out, isExactly: part, "rows, order=\(order)")
            }
        }
    }

    private struct NotANumber: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            let memory = Memory()
            defer { memory.release() }
            let (d, table) = (memory.copy([Real.nan]), memory.copy([Real(1), 2, 3, 4, 5, 6]))
            let out = memory.copy([Real(0)])
            kernels.table_lookup(1, 1, d.start, 2, 0.5, 0, table.start, out.start, 0)
            #expect(out.values[0].isNaN)
        }
    }
}

/// The weights of the two rows around a distance, each of value, slope and curvature: quintic Hermite polynomials of
/// t = d/h − g, differentiated by d.
private struct HermiteWeights {
    /// Coefficients of 1, t, …, t⁵.
    private static let polynomials: [[Double]] = [
        [1, 0, 0, -10, 15, -6], [0, 1, 0, -6, 8, -3], [0, 0, 0.5, -1.5, 1.5, -0.5],
        [0, 0, 0, 10, -15, 6], [0, 0, 0, -4, 7, -3], [0, 0, 0, 0.5, -1, 0.5],
    ]

    let interval: Int
    let weights: [Weight]

    init<Real: BinaryFloatingPoint>(_ distance: Real, _ spacing: Double, order: Int) {
        let position = Double(distance) / spacing
        let row = min(Int(position), TableTests.rows - 2)
        interval = row
        weights = Self.polynomials.enumerated().map { k, polynomial in
            Weight(
                polynomial, position - Double(row), position: position, order: order,
                scale: pow(spacing, Double(k % 3 - order)))
        }
    }
}

/// The weight of a row with the bound of its rounding error, in units of the precision's epsilon.
private struct Weight {
    let value: Double
    let error: Double

    init(_ polynomial: [Double], _ t: Double, position: Double, order: Int, scale: Double) {
        var coefficients = polynomial
        for _ in 0..<order { coefficients = Weight.derivative(coefficients) }
        func sum(_ coefficients: [Double]) -> Double {
            coefficients.enumerated().reduce(0) { $0 + $1.element * pow(t, Double($1.offset)) }
        }
        let sizes = coefficients.map(abs)
        value = scale * sum(coefficients)
        // A polynomial of degree 5 and up to six factors of the spacing, itself rounded, take 24 roundings of half an
        // epsilon. Spacing and division put the position off by half an epsilon each, and t as much; twice in all,
        // because the reference rounds as well.
        error = scale * (24 * sum(sizes) + 2 * position * sum(Weight.derivative(sizes)))
    }

    private static func derivative(_ coefficients: [Double]) -> [Double] {
        coefficients.enumerated().dropFirst().map { Double($0.offset) * $0.element }
    }
}

/// A sum of weighted rows with the bound of its error, in units of the precision's epsilon.
private struct Bounded {
    private(set) var value: Double
    private(set) var error = 0.0
    private var magnitude: Double
    private var terms = 1.0

    init(_ start: Double) { (value, magnitude) = (start, abs(start)) }

    mutating func add(_ weight: Weight, times factor: Double) {
        value += weight.value * factor
        error += weight.error * abs(factor)
        magnitude += abs(weight.value * factor)
        terms += 1
    }

    /// n terms in any order, as for `Sum`.
    var bound: Double { error + (terms + 2) * magnitude }
}

private func expect<Real: BinaryFloatingPoint>(
    _ got: GuardedArray<Real>, isWithin reference: [Bounded], _ place: String
) {
    got.expectUntouchedFront(place)
    #expect(got.count == reference.count)
    for (index, (value, sum)) in zip(got.values, reference).enumerated()
    where !(abs(Double(value) - sum.value) <= sum.bound * Double(Real.ulpOfOne)) {
        Issue.record("\(place): element \(index) is \(value), expected \(sum.value)")
        return
    }
}
