#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A seeded generator of random numbers, the same on every machine: SplitMix64
/// (Steele, Lea & Flood 2014, doi 10.1145/2660193.2660195).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence of a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number from the standard normal distribution (Box and Muller 1958, doi 10.1214/aoms/1177706645).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// A number in `0..<bound`, each equally likely.
    public mutating func index(below bound: Int) -> Int {
        require(bound > 0, "a bound must be positive, not \(bound)")
        return Int(next(below: UInt64(bound)))
    }

    private mutating func next(below bound: UInt64) -> UInt64 {
        // Bits below the last whole multiple of the bound would favour small numbers.
        let threshold = (0 &- bound) % bound
        while true {
            let bits = next()
            if bits >= threshold { return bits % bound }
        }
    }

    /// Brings the elements into random order (Fisher and Yates). The standard library's order may change with its
    /// version; this one does not.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, index(below: last + 1))
        }
    }
}
