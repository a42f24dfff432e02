import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Values of an axis and where they are drawn.
struct AxisScale: Equatable {
    /// Whether equal distances are equal ratios.
    let isLogarithmic: Bool
    /// The smallest and the largest value.
    let domain: ClosedRange<Double>
    /// The positions of the two in pixels; the first may be the larger.
    var start = 0.0
    var end = 1.0

    /// Numbers from here on are left out, as infinite ones are: differences and ratios of smaller ones are finite.
    private static let beyond = 1e150

    /// A linear scale that holds all finite values; ends are moved out to marks where `isNice`.
    init(_ values: some Sequence<Double>, isNice: Bool = true) {
        var (low, high) = Self.extent(values.lazy.filter { abs($0) < Self.beyond }) ?? (0, 1)
        // What is narrower than the smallest normal numbers has no steps.
        if !(high - low > 1 / Self.beyond) { (low, high) = (low - max(abs(low), 1) / 2, high + max(abs(high), 1) / 2) }
        if isNice {
            let step = Self.step(high - low, count: 6)
            (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
        }
        (isLogarithmic, domain) = (false, low...high)
    }

    /// A logarithmic scale that holds all positive values, a factor of ten where there is one or none.
    init(logarithmic values: some Sequence<Double>) {
        var (low, high) = Self.extent(values.lazy.filter { $0 < Self.beyond && $0 > 1 / Self.beyond }) ?? (1, 1)
        if high < 1.05 * low { (low, high) = (low / 10.squareRoot(), high * 10.squareRoot()) }
        let margin = pow(high / low, 0.03)
        (isLogarithmic, domain) = (true, low / margin...high * margin)
    }

    /// The same values drawn between two positions.
    func drawn(from start: Double, to end: Double) -> AxisScale {
        var scale = self
        (scale.start, scale.end) = (start, end)
        return scale
    }

    /// The position of a value.
    func position(_ value: Double) -> Double {
        let (low, high) = (domain.lowerBound, domain.upperBound)
        let fraction = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return start + fraction * (end - start)
    }

    /// Values that are marked, with their texts.
    ///
    /// Linear: multiples of 1, 2 or 5 times a power of ten. Logarithmic: powers of ten, with 2 and 5
    /// times these, or all whole multiples, where there are few.
    var ticks: [(value: Double, text: String)] {
        guard isLogarithmic else {
            let step = Self.step(domain.upperBound - domain.lowerBound, count: 5)
            let first = Int(saturating: (domain.lowerBound / step - 1e-6).rounded(.up))
            let last = Int(saturating: (domain.upperBound / step + 1e-6).rounded(.down))
            // Ends that are equal but for rounding have no multiple between them.
            guard step > 0, first <= last, Double(last) - Double(first) < 100 else { return [] }
            return (first...last).map { (Double($0) * step, Self.text($0, step: step)) }
        }
        let powers =
            Int(
                saturating: log10(domain.lowerBound).rounded(.down))...Int(
                saturating: log10(domain.upperBound).rounded(.up))
        let decades = log10(domain.upperBound / domain.lowerBound)
        let factors: [Double] = decades < 0.8 ? (1...9).map(Double.init) : decades < 2 ? [1, 2, 5] : [1]
        let every = max(1, Int(saturating: (decades / 6).rounded(.up)))
        return powers.filter { $0 % every == 0 }.flatMap { power in
            factors.map { factor in
                let value = factor * pow(10, Double(power))
                return (value, factor == 1 ? Self.power(power) : numberText(value, significantDigits: 1))
            }
        }.filter { domain.contains($0.0) }
    }

    /// 1, 2 or 5 times a power of ten, so that about `count` of them span a range.
    static func step(_ range: Double, count: Double) -> Double {
        let rough = range / count
        let power = pow(10, log10(rough).rounded(.down))
        let factor = [1, 2, 5, 10].first { rough <= $0 * power * (1 + 1e-9) } ?? 10
        return factor * power
    }

    /// A multiple of a step with the digits that it needs.
    static func text(_ multiple: Int, step: Double) -> String {
        let value = Double(multiple) * step
        guard multiple != 0 else { return "0" }
        guard abs(value) < 1e5, step >= 1e-4 else { return numberText(value, significantDigits: 2) }
        let decimals = max(0, Int(saturating: (-log10(step) - 1e-9).rounded(.up)))
        let digits = Int(saturating: log10(abs(value)).rounded(.down)) + 1 + decimals
        return numberText(value, significantDigits: max(1, digits))
    }

    private static func power(_ exponent: Int) -> String {
        guard !(-3...3).contains(exponent) else { return "\(pow(10, Double(exponent)))".trimmingZeroFraction }
        let digits: [Character] = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        let raised: [Character] = "\(exponent)".map { $0.wholeNumberValue.map { digits[$0] } ?? "⁻" }
        return "10" + String(raised)
    }

    private static func extent(_ values: some Sequence<Double>) -> (Double, Double)? {
        values.reduce(nil) { extent, value in (min(extent?.0 ?? value, value), max(extent?.1 ?? value, value)) }
    }
}

extension String {
    fileprivate var trimmingZeroFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}
