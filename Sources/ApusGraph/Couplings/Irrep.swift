import ApusSystem

/// An irreducible representation of O(3): how 2l + 1 numbers change under rotations and inversion.
///
/// Degree l with the parity of the spherical harmonics, (−1)^l, is *natural*: scalars 0e, vectors 1o, and so on. An axial
/// vector is 1e, a pseudoscalar 0o.
public struct Irrep: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The degree l ≥ 0.
    public let degree: Int
    /// Whether inversion changes the sign.
    public let isOdd: Bool

    /// A representation of degree l.
    public init(degree: Int, isOdd: Bool) {
        require(degree >= 0, "an irreducible representation has a degree of at least 0, not \(degree)")
        self.degree = degree
        self.isOdd = isOdd
    }

    /// Degree l with the parity (−1)^l.
    public static func natural(_ degree: Int) -> Irrep { Irrep(degree: degree, isOdd: !degree.isMultiple(of: 2)) }

    /// 2l + 1.
    public var dimension: Int { 2 * degree + 1 }

    /// Whether the parity is (−1)^l.
    public var isNatural: Bool { self == .natural(degree) }

    /// What a product of two decomposes into: degrees from |l − l'| to l + l', with the product of the parities.
    public static func * (a: Irrep, b: Irrep) -> [Irrep] {
        (abs(a.degree - b.degree)...a.degree + b.degree).map { Irrep(degree: $0, isOdd: a.isOdd != b.isOdd) }
    }

    /// By degree, at equal degree odd before even: 0o < 0e < 1o < 1e.
    public static func < (a: Irrep, b: Irrep) -> Bool {
        a.degree != b.degree ? a.degree < b.degree : a.isOdd && !b.isOdd
    }

    /// The degree and `e` or `o`, as in `1o`.
    public var description: String { "\(degree)\(isOdd ? "o" : "e")" }
}
