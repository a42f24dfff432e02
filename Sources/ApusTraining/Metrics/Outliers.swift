/// The samples whose errors are far from those of all others: more than three standard deviations from the mean error.
///
/// Mean and deviation are those of all errors (Welford's recurrence). Of the samples themselves only the lowest and the
/// highest errors are remembered, so that any number of samples takes the same memory.
public struct Outliers: Codable, Sendable, Equatable {
    /// A sample and its error, prediction − reference.
    public struct Entry: Codable, Sendable, Equatable {
        /// Record and place in the data.
        public let name: String
        /// The error.
        public let error: Double
    }

    /// Errors this many standard deviations from the mean are no outliers yet.
    public static let threshold = 3.0
    /// So many of the lowest and of the highest errors are remembered.
    static let remembered = 500

    /// Errors counted.
    public private(set) var count = 0
    /// The mean error.
    public private(set) var mean = 0.0
    private var squares = 0.0
    private var extremes: [Entry] = []

    /// No errors yet.
    public init() {}

    /// The standard deviation of the errors, by their number.
    public var deviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

    /// Takes the error of a sample; one that is not finite is left out.
    mutating func add(_ error: Double, of name: @autoclosure () -> String) {
        guard error.isFinite else { return }
        count += 1
        let distance = error - mean
        mean += distance / Double(count)
        squares += distance * (error - mean)
        extremes.append(Entry(name: name(), error: error))
        forget()
    }

    /// Adds the errors of other samples.
    mutating func merge(_ other: Outliers) {
        guard other.count > 0 else { return }
        let (n, m) = (Double(count), Double(other.count))
        let distance = other.mean - mean
        count += other.count
        mean += distance * m / (n + m)
        squares += other.squares + distance * distance * n * m / (n + m)
        extremes += other.extremes
        forget()
    }

    /// Keeps the lowest and the highest errors where there are many.
    private mutating func forget() {
        guard extremes.count >= 4 * Self.remembered else { return }
        extremes.sort { ($0.error, $0.name) < ($1.error, $1.name) }
        extremes.removeSubrange(Self.remembered..<extremes.count - Self.remembered)
    }

    /// The outliers, the farthest from the mean first.
    public var entries: [Entry] {
        let limit = Self.threshold * deviation
        return extremes.filter { abs($0.error - mean) > limit }.sorted {
            (-abs($0.error - mean), $0.name) < (-abs($1.error - mean), $1.name)
        }
    }
}
