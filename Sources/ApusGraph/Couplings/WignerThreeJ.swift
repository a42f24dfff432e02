import ApusSystem

/// The invariant of three irreducible representations: the Wigner 3j symbol in the basis of the real spherical harmonics.
///
/// W[i, j, k] with Frobenius norm 1 is unchanged when the same rotation is applied to all three indices, and is up to the sign
/// the only such tensor. √(2l₃ + 1) W couples l₁ and l₂ to l₃ (Clebsch–Gordan).
///
/// Components are ordered as in `Irreps`. Signs are those of e3nn 0.4: for l₁ ≤ l₂ ≤ l₃ the entry of m = 0, 0, 0 is positive,
/// or the first entry that is not zero where that one is; in another order of the degrees the axes are permuted, with a
/// factor (−1)^(l₁ + l₂ + l₃) if the permutation is odd.
public struct WignerThreeJ: Sendable {
    /// An entry that is not zero.
    public struct Entry: Sendable {
        /// The component of each representation, from 0.
        public let components: [Int]
        /// W at these components.
        public let value: Double
    }

    /// The entries that are not zero, in row-major order.
    public let entries: [Entry]

    /// The symbol of three degrees; without entries unless |l₁ − l₂| ≤ l₃ ≤ l₁ + l₂.
    public init(_ l1: Int, _ l2: Int, _ l3: Int) {
        let degrees = [l1, l2, l3]
        require(degrees.allSatisfy { $0 >= 0 }, "the degrees of a 3j symbol are not negative: \(degrees)")
        let order = [0, 1, 2].sorted { (degrees[$0], $0) < (degrees[$1], $1) }
        let inversions = [(0, 1), (0, 2), (1, 2)].count { order[$0.0] > order[$0.1] }
        let isNegative = !inversions.isMultiple(of: 2) && !degrees.reduce(0, +).isMultiple(of: 2)
        let sorted = Self.ascending(order.map { degrees[$0] })
        entries = sorted.map { entry in
            var components = [0, 0, 0]
            for (place, axis) in order.enumerated() { components[axis] = entry.components[place] }
            return Entry(components: components, value: isNegative ? -entry.value : entry.value)
        }.sorted { $0.components.lexicographicallyPrecedes($1.components) }
    }

    /// The symbol for l₁ ≤ l₂ ≤ l₃.
    private static func ascending(_ l: [Int]) -> [Entry] {
        guard l[2] <= l[0] + l[1] else { return [] }
        var entries: [(components: [Int], value: (real: Double, imaginary: Double))] = []
        for i in 0...2 * l[0] {
            for j in 0...2 * l[1] {
                for k in 0...2 * l[2] {
                    entries.append(([i, j, k], inRealBasis(l, [i - l[0], j - l[1], k - l[2]])))
                }
            }
        }
        // The tensor is real for an even sum of degrees and imaginary for an odd one.
        let isReal = l.reduce(0, +).isMultiple(of: 2)
        let values = entries.map { isReal ? $0.value.real : $0.value.imaginary }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        // What cancels leaves rounding errors of 1e-16; the smallest entry for l ≤ 8 is above 1e-5.
        let kept = zip(entries, values).filter { $1.magnitude > 1e-12 * norm }
        let middle = kept.first { $0.0.components == l } ?? kept[0]
        let scale = (middle.1 < 0 ? -1 : 1) / norm
        return kept.map { Entry(components: $0.0.components, value: scale * $0.1) }
    }

    /// The coefficient of the real harmonics m: each is a sum of two complex ones, the third is conjugated.
    private static func inRealBasis(_ l: [Int], _ m: [Int]) -> (real: Double, imaginary: Double) {
        var (real, imaginary) = (0.0, 0.0)
        for a in complexHarmonics(m[0]) {
            for b in complexHarmonics(m[1]) {
                for c in complexHarmonics(m[2]) {
                    let value = clebschGordan(l, [a.m, b.m, c.m]) * a.factor * b.factor * c.factor
                    // i to the power of the imaginary factors; the conjugate of the third is i³.
                    switch ((a.isImaginary ? 1 : 0) + (b.isImaginary ? 1 : 0) + (c.isImaginary ? 3 : 0)) % 4 {
                    case 0: real += value
                    case 1: imaginary += value
                    case 2: real -= value
                    default: imaginary -= value
                    }
                }
            }
        }
        return (real, imaginary)
    }

    /// The real harmonic m as a sum of complex ones with the phase of Condon and Shortley:
    /// ((−1)^m Y_m + Y_−m)/√2 for m > 0, i (Y_−|m| − (−1)^m Y_|m|)/√2 for m < 0.
    private static func complexHarmonics(_ m: Int) -> [(m: Int, factor: Double, isImaginary: Bool)] {
        let (root, sign) = (0.5.squareRoot(), m.isMultiple(of: 2) ? 1.0 : -1.0)
        if m == 0 { return [(0, 1, false)] }
        if m > 0 { return [(m, sign * root, false), (-m, root, false)] }
        return [(m, root, true), (-m, -sign * root, true)]
    }

    /// ⟨l₁ m₁ l₂ m₂ | l₃ m₃⟩ by the formula of Racah (doi 10.1103/PhysRev.62.438, eq. 16).
    private static func clebschGordan(_ l: [Int], _ m: [Int]) -> Double {
        guard m[0] + m[1] == m[2] else { return 0 }
        let sum = (0...l[0] + l[1] - l[2]).reduce(0.0) { sum, k in
            let arguments = [
                k, l[0] + l[1] - l[2] - k, l[0] - m[0] - k, l[1] + m[1] - k, l[2] - l[1] + m[0] + k,
                l[2] - l[0] - m[1] + k,
            ]
            guard arguments.allSatisfy({ $0 >= 0 }) else { return sum }
            return sum + (k.isMultiple(of: 2) ? 1 : -1) / arguments.reduce(1) { $0 * factorial($1) }
        }
        let triangle = [l[2] + l[0] - l[1], l[2] - l[0] + l[1], l[0] + l[1] - l[2]].reduce(1) { $0 * factorial($1) }
        let powers = zip(l, m).reduce(1) { $0 * factorial($1.0 + $1.1) * factorial($1.0 - $1.1) }
        let norm = Double(2 * l[2] + 1) * triangle / factorial(l[0] + l[1] + l[2] + 1) * powers
        return norm.squareRoot() * sum
    }
}

/// n!, exact up to 22.
func factorial(_ n: Int) -> Double { (0..<n).reduce(1) { $0 * Double($1 + 1) } }
