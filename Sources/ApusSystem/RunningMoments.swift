/// Mean and spread of numbers that come one after the other (Welford, Technometrics 4, 419 (1962),
/// doi:10.1080/00401706.1962.10490022).
package struct RunningMoments: Codable, Sendable, Equatable {
    /// How many.
    package private(set) var count = 0
    /// The mean.
    package private(set) var mean = 0.0
    /// The sum of squares of the differences from the mean.
    package private(set) var squares = 0.0

    package init() {}

    /// The standard deviation, by the number of values; 0 without any.
    package var deviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

    /// Takes one more.
    package mutating func add(_ value: Double) {
        count += 1
        let difference = value - mean
        mean += difference / Double(count)
        squares += difference * (value - mean)
    }

    /// Takes those of another, as if they came after the numbers here (Chan, Golub & LeVeque, Am. Stat. 37, 242 (1983),
    /// doi:10.1080/00031305.1983.10483115).
    package mutating func merge(_ other: RunningMoments) {
        guard other.count > 0 else { return }
        guard count > 0 else { return self = other }
        let (n, m) = (Double(count), Double(other.count))
        let difference = other.mean - mean
        count += other.count
        mean += difference * m / (n + m)
        squares += other.squares + difference * difference * n * m / (n + m)
    }
}
