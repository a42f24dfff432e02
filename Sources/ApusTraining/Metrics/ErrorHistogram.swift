/// How errors are distributed: counts in fixed bins, so that any number of errors takes the same memory.
///
/// The scale is logarithmic on both sides of zero. Each binade from 2⁻²⁰ ≈ 10⁻⁶ to 2²⁰ ≈ 10⁶ is cut into four bins of
/// equal width: from 2ᵏ (1 + q/4) to 2ᵏ (1 + (q + 1)/4), with either sign. Smaller errors share a bin around zero;
/// larger ones are in the outermost bins. Errors that are not finite are left out.
public struct ErrorHistogram: Sendable, Equatable {
    /// How many errors were counted.
    public private(set) var count = 0
    /// The smallest error, with its sign.
    public private(set) var minimum = Double.infinity
    /// The largest error, with its sign.
    public private(set) var maximum = -Double.infinity
    /// The sum of the errors.
    public private(set) var sum = 0.0
    /// The sum of their squares.
    public private(set) var sumOfSquares = 0.0
    private var counts = [Int](repeating: 0, count: 2 * center + 1)

    /// Bins of a binade.
    private static let quarters = 4
    /// The exponent k of the first binade; the last is −k − 1.
    private static let firstExponent = -20
    /// Bins on each side of the one around zero, which has this position.
    private static let center = -2 * firstExponent * quarters

    /// No errors yet.
    public init() {}

    /// Counts errors.
    public mutating func add(_ errors: some Sequence<Double>) {
        for error in errors where error.isFinite {
            count += 1
            minimum = min(minimum, error)
            maximum = max(maximum, error)
            sum += error
            sumOfSquares += error * error
            counts[Self.position(of: error)] += 1
        }
    }

    /// Adds the errors that were counted elsewhere.
    public mutating func merge(_ other: ErrorHistogram) {
        count += other.count
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        sum += other.sum
        sumOfSquares += other.sumOfSquares
        for position in counts.indices { counts[position] += other.counts[position] }
    }

    /// The upper end and the count of each bin, from that of the smallest error to that of the largest. The first
    /// begins at the smallest error, the last ends at the largest.
    public var bins: [(limit: Double, count: Int)] {
        guard count > 0 else { return [] }
        let (first, last) = (Self.position(of: minimum), Self.position(of: maximum))
        return (first...last).map { ($0 == last ? maximum : Self.limit($0), counts[$0]) }
    }

    private static func position(of error: Double) -> Int {
        let size = error.magnitude
        guard size >= edge(0) else { return center }
        let quarter = Int(size.significandBitPattern >> (UInt64(Double.significandBitCount) - 2))
        let bin = min(center, quarters * (Int(size.exponent) - firstExponent) + quarter + 1)
        return error < 0 ? center - bin : center + bin
    }

    /// The upper end of a bin.
    private static func limit(_ position: Int) -> Double {
        position < center ? -edge(center - position - 1) : edge(position - center)
    }

    /// The ends of the bins of one sign, 2ᵏ (1 + q/4) by 4 (k + 20) + q.
    private static func edge(_ index: Int) -> Double {
        let (binade, quarter) = index.quotientAndRemainder(dividingBy: quarters)
        return Double(
            sign: .plus, exponent: firstExponent + binade, significand: 1 + Double(quarter) / Double(quarters))
    }
}
