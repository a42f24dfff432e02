import Testing

/// SplitMix64 (Steele, Lea and Flood, doi:10.1145/2714064.2660195), so that every run sees the same numbers.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Numbers of the working precision in a range.
    mutating func reals<Real: BinaryFloatingPoint>(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Real] {
        (0..<count).map { _ in Real(Double.random(in: range, using: &self)) }
    }

    /// Pairs i < j of `atoms` atoms, sorted by i, as the neighbour list gives them.
    mutating func pairs(_ count: Int, atoms: Int) -> (i: [Int32], j: [Int32]) {
        let drawn = (0..<count).map { _ -> (Int32, Int32) in
            let i = Int32.random(in: 0..<Int32(atoms - 1), using: &self)
            return (i, Int32.random(in: (i + 1)..<Int32(atoms), using: &self))
        }
        let sorted = drawn.sorted { $0.0 < $1.0 }
        return (sorted.map { $0.0 }, sorted.map { $0.1 })
    }
}

/// A sum in double precision with the bound of its rounding error in another precision.
///
/// n terms added in any order differ from the exact sum by at most (n + c) eps sum |term| / 2, where c counts the
/// roundings inside one term (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2). Here c = 6, and the
/// bound is taken twice because the reference rounds as well when the working precision is double.
struct Sum {
    private(set) var value = 0.0
    private var magnitude = 0.0
    private var terms = 0.0

    init(_ start: Double = 0) {
        add(start)
    }

    mutating func add(_ term: Double) {
        value += term
        magnitude += abs(term)
        terms += 1
    }

    func bound<Real: BinaryFloatingPoint>(_: Real.Type) -> Double {
        (terms + 6) * Double(Real.ulpOfOne) * magnitude
    }
}

/// Compares an output with its reference element by element and checks that nothing before it was written.
func expect<Real: BinaryFloatingPoint>(_ got: GuardedArray<Real>, equals reference: [Sum], _ place: String) {
    got.expectUntouchedFront(place)
    #expect(got.count == reference.count)
    for (index, (value, sum)) in zip(got.values, reference).enumerated()
    where !(abs(Double(value) - sum.value) <= sum.bound(Real.self)) {
        Issue.record("\(place): element \(index) is \(value), expected \(sum.value) ± \(sum.bound(Real.self))")
        return
    }
}

/// Compares values that must agree to the last bit.
func expect<Real: BinaryFloatingPoint>(_ got: GuardedArray<Real>, isExactly reference: [Real], _ place: String) {
    got.expectUntouchedFront(place)
    #expect(got.values == reference, "\(place)")
}

/// What an output holds before a kernel runs: numbers to add to, or garbage to overwrite.
func initialOutput<Real: BinaryFloatingPoint>(_ count: Int, accumulate: Bool, _ random: inout SplitMix) -> [Real] {
    accumulate ? random.reals(count) : [Real](repeating: .nan, count: count)
}

/// The sums that an output starts from.
func initialSums<Real: BinaryFloatingPoint>(_ output: [Real], accumulate: Bool) -> [Sum] {
    output.map { Sum(accumulate ? Double($0) : 0) }
}
