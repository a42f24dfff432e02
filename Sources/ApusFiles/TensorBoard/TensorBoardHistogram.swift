import ApusSystem

/// The distribution of numbers, as TensorBoard shows it.
public struct TensorBoardHistogram: Sendable, Equatable {
    /// The smallest number.
    public let minimum: Double
    /// The largest number.
    public let maximum: Double
    /// How many numbers there are.
    public let count: Int
    /// The sum of the numbers.
    public let sum: Double
    /// The sum of their squares.
    public let sumOfSquares: Double
    /// The upper end of each bin; the first bin begins at the smallest number.
    public let limits: [Double]
    /// How many numbers are in each bin.
    public let counts: [Int]

    /// A distribution that was counted elsewhere.
    ///
    /// - Precondition: There is a bin, a limit for each, and the last limit is the largest number.
    public init(
        minimum: Double, maximum: Double, count: Int, sum: Double, sumOfSquares: Double, limits: [Double], counts: [Int]
    ) {
        require(
            limits.last == maximum && limits.count == counts.count, "\(counts.count) bins do not end at \(maximum)")
        (self.minimum, self.maximum, self.count) = (minimum, maximum, count)
        (self.sum, self.sumOfSquares) = (sum, sumOfSquares)
        (self.limits, self.counts) = (limits, counts)
    }

    /// Counts numbers in bins of equal width from the smallest to the largest.
    ///
    /// Numbers that are not finite are left out. Equal numbers are in one bin without width.
    ///
    /// - Returns: nil when no number is left.
    public init?(of numbers: some Sequence<Double>, bins: Int = 30) {
        require(bins > 0, "a histogram needs a bin")
        let finite = numbers.filter(\.isFinite)
        guard let minimum = finite.min(), let maximum = finite.max() else { return nil }
        let width = maximum - minimum
        self.minimum = minimum
        self.maximum = maximum
        count = finite.count
        sum = finite.reduce(0, +)
        sumOfSquares = finite.reduce(0) { $0 + $1 * $1 }
        // The width of the whole range of a double is infinite.
        guard width > 0, width.isFinite else {
            limits = [maximum]
            counts = [finite.count]
            return
        }
        var counts = [Int](repeating: 0, count: bins)
        for number in finite {
            counts[min(bins - 1, Int(saturating: Double(bins) * ((number - minimum) / width)))] += 1
        }
        self.counts = counts
        limits = (1..<bins).map { minimum + width * (Double($0) / Double(bins)) } + [maximum]
    }
}
