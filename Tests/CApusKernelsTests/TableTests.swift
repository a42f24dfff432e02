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

    /// Every order that has a kernel and the first beyond, for values and for slopes.
    static let kinds = [0, 1].flatMap { slopes in (0...4).map { (slopes: slopes, order: $0) } }

    private struct Lookup: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 15)
            for (width, spacing) in TableTests.widths.flatMap({ f in [0.25, 0.1, 3].map { (f, $0) } }) {
                for (slopes, order) in TableTests.kinds {
                    for accumulate in [false, true] {
                        check(kernels, Real.self, width, spacing, slopes, order, accumulate, &random)
                    }
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ width: Int, _ spacing: Double, _ slopes: Int, _ order: Int,
            _ accumulate: Bool, _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let d: [Real] = TableTests.distances(spacing, &random)
            let table: [Real] = random.reals(TableTests.rows * width)
            let start: [Real] = initialOutput(d.count * width, accumulate: accumulate, &random)
            let out = memory.copy(start)
            kernels.table_lookup(
                d.count, width, memory.copy(d).start, TableTests.rows, spacing, Int32(slopes), Int32(order),
                memory.copy(table).start, out.start, accumulate ? 1 : 0)
            let place = "table_lookup F=\(width) h=\(spacing) slopes=\(slopes) order=\(order) add=\(accumulate)"
            var reference = start.map { Bounded(accumulate ? Double($0) : 0) }
            for (p, d) in d.enumerated() {
                let ends = HermiteWeights(d, spacing, slopes: slopes == 1, order: order)
                for k in 0..<width {
                    let row = ends.interval * width + k
                    reference[p * width + k].add(ends.low, times: Double(table[row]))
                    reference[p * width + k].add(ends.high, times: Double(table[row + width]))
                }
            }
            expect(out, isWithin: reference, place)
        }
    }

    private struct Scatter: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 16)
            for (width, spacing) in TableTests.widths.flatMap({ f in [0.25, 0.1, 3].map { (f, $0) } }) {
                for (slopes, order) in TableTests.kinds {
                    check(kernels, Real.self, width, spacing, slopes, order, &random)
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ kernels: apus_kernels, _: Real.Type, _ width: Int, _ spacing: Double, _ slopes: Int, _ order: Int,
            _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let d: [Real] = TableTests.distances(spacing, &random)
            let x: [Real] = random.reals(d.count * width)
            let start: [Real] = random.reals(TableTests.rows * width)
            let table = memory.copy(start)
            kernels.table_scatter(
                d.count, width, memory.copy(d).start, TableTests.rows, spacing, Int32(slopes), Int32(order),
                memory.copy(x).start, table.start)
            var reference = start.map { Bounded(Double($0)) }
            for (p, d) in d.enumerated() {
                let ends = HermiteWeights(d, spacing, slopes: slopes == 1, order: order)
                for k in 0..<width {
                    let row = ends.interval * width + k
                    reference[row].add(ends.low, times: Double(x[p * width + k]))
                    reference[row + width].add(ends.high, times: Double(x[p * width + k]))
                }
            }
            expect(table, isWithin: reference, "table_scatter F=\(width) h=\(spacing) slopes=\(slopes) order=\(order)")
        }
    }

    /// At the distance of a row the function has the value of that row, and its slope, to the last bit.
    private struct RowsOfTheTable: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 17)
            let memory = Memory()
            defer { memory.release() }
            let (width, spacing) = (21, 0.25)
            let d = memory.copy((0..<TableTests.rows).map { Real($0) * Real(spacing) })
            let table: [Real] = random.reals(TableTests.rows * width)
            let entries = memory.copy(table)
            for slopes in [0, 1] {
                for order in [0, 1] {
                    let out = memory.copy([Real](repeating: .nan, count: table.count))
                    kernels.table_lookup(
                        TableTests.rows, width, d.start, TableTests.rows, spacing, Int32(slopes), Int32(order),
                        entries.start, out.start, 0)
                    // Values do not change slopes there, nor slopes values.
                    let reference = slopes == order ? table : [Real](repeating: 0, count: table.count)
                    expect(out, isExactly: reference, "rows, slopes=\(slopes) order=\(order)")
                }
            }
        }
    }

    private struct NotANumber: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            let memory = Memory()
            defer { memory.release() }
            let (d, table) = (memory.copy([Real.nan]), memory.copy([Real(1), 2]))
            for slopes: Int32 in 0...1 {
                let out = memory.copy([Real(0)])
                kernels.table_lookup(1, 1, d.start, 2, 0.5, slopes, 0, table.start, out.start, 0)
                #expect(out.values[0].isNaN, "table_lookup slopes=\(slopes)")
            }
        }
    }
}

/// The weights of the two rows around a distance: cubic Hermite polynomials of t = d/h − g, differentiated by d.
private struct HermiteWeights {
    let interval: Int
    let low: Weight
    let high: Weight

    init<Real: BinaryFloatingPoint>(_ distance: Real, _ spacing: Double, slopes: Bool, order: Int) {
        let position = Double(distance) / spacing
        interval = min(Int(position), TableTests.rows - 2)
        let t = position - Double(interval)
        // Coefficients of 1, t, t², t³.
        let polynomials: [[Double]] =
            slopes ? [[0, 1, -2, 1], [0, 0, -1, 1]] : [[1, 0, -3, 2], [0, 0, 3, -2]]
        let scale = (slopes ? spacing : 1) / pow(spacing, Double(order))
        let ends = polynomials.map { Weight($0, t, position: position, order: order, scale: scale) }
        (low, high) = (ends[0], ends[1])
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
        // A polynomial of degree 3 and up to four factors of the spacing, itself rounded, take 16 roundings of half an
        // epsilon. Spacing and division put the position off by half an epsilon each, and t as much; twice in all,
        // because the reference rounds as well.
        error = scale * (16 * sum(sizes) + 2 * position * sum(Weight.derivative(sizes)))
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
