import ApusSystem

/// Errors of a property, added up in float64: mean absolute error, root mean square error, mean signed error, largest
/// error and coefficient of determination.
public struct ErrorStatistics: Codable, Sendable, Equatable {
    /// Numbers compared.
    public private(set) var count = 0
    /// The largest absolute error.
    public private(set) var largest = 0.0
    private var absolute = 0.0
    private var square = 0.0
    private var signed = 0.0
    /// Mean of the references, and the sum of squares of their differences from it (Welford 1962,
    /// doi:10.1080/00401706.1962.10490022).
    private var mean = 0.0
    private var spread = 0.0
    /// The same of each group of references, where they are divided into groups.
    private var groups: [RunningMoments]?

    /// Nothing compared yet.
    public init() {}

    /// Compares one number with its reference.
    ///
    /// - Parameter group: The number of the group of the reference, from 0, where trivial predictions differ by group: those of
    ///   a component of a tensor, or of an element; either all numbers have one or none.
    public mutating func add(_ predicted: Double, reference: Double, group: Int? = nil) {
        let error = predicted - reference
        count += 1
        absolute += abs(error)
        square += error * error
        signed += error
        // A NaN must stay visible; max would lose it.
        largest = error.isNaN ? .nan : max(largest, abs(error))
        let difference = reference - mean
        mean += difference / Double(count)
        spread += difference * (reference - mean)
        guard let group else { return }
        var spreads = groups ?? []
        groups = nil
        while spreads.count <= group { spreads.append(RunningMoments()) }
        spreads[group].add(reference)
        groups = spreads
    }

    /// Adds what was compared elsewhere, as if it came after the numbers here (Chan, Golub & LeVeque 1983,
    /// doi:10.1080/00031305.1983.10483115).
    public mutating func merge(_ other: ErrorStatistics) {
        guard other.count > 0 else { return }
        guard count > 0 else { return self = other }
        let (n, m) = (Double(count), Double(other.count))
        let difference = other.mean - mean
        count += other.count
        absolute += other.absolute
        square += other.square
        signed += other.signed
        largest = largest.isNaN || other.largest.isNaN ? .nan : max(largest, other.largest)
        mean += difference * m / (n + m)
        spread += other.spread + difference * difference * n * m / (n + m)
        for (group, spread) in (other.groups ?? []).enumerated() {
            if groups?.count ?? 0 <= group { groups = (groups ?? []) + [RunningMoments()] }
            groups?[group].merge(spread)
        }
    }

    /// The same with what was compared elsewhere.
    func merged(with other: ErrorStatistics) -> ErrorStatistics {
        var merged = self
        merged.merge(other)
        return merged
    }

    /// The mean absolute error Σ|e|/n.
    public var mae: Double { absolute / Double(count) }
    /// The root mean square error √(Σe²/n).
    public var rmse: Double { (square / Double(count)).squareRoot() }
    /// The mean signed error Σe/n with e = prediction − reference.
    public var meanSigned: Double { signed / Double(count) }
    /// The coefficient of determination R² = 1 − Σe²/Σ(x − x̄)² with the references x and the mean x̄ of all, or of their
    /// group where they have groups; not a number where all are equal.
    public var determination: Double {
        let spread = groups?.reduce(0) { $0 + $1.squares } ?? spread
        return spread > 0 ? 1 - square / spread : .nan
    }
}
