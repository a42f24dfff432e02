import ApusSystem

/// A constant sparse multilinear form on the components of its arguments,
///   P(a, b, c, …) = Σ_t C_t a[α_t] b[β_t] c[γ_t] …
///
/// Operations apply it to each feature: `coupled` leaves out the first argument, out[α] = ∂P/∂a[α], and derivatives leave
/// out others. Clebsch–Gordan products, products of 3 × 3 matrices, slices of components and the symmetric contractions of
/// MACE are couplings.
///
/// Over undirected pairs two arguments are rows of atoms, at opposite ends of the pair, and the sum runs over both
/// directions. A term that is *odd* changes its sign when the pair is turned round, as a spherical harmonic of odd degree
/// does: C_t (a_i b_j ± a_j b_i) c_ij …
public struct Coupling: Hashable, Sendable {
    /// A product of one component of each argument.
    public struct Term: Hashable, Sendable {
        /// The component of each argument, from 0.
        public var components: [Int]
        /// The factor C_t.
        public var coefficient: Double
        /// Whether the term changes its sign when the pair is turned round.
        public var isOdd: Bool

        /// C_t a[α_t] b[β_t] …
        public init(_ components: [Int], _ coefficient: Double = 1, isOdd: Bool = false) {
            self.components = components
            self.coefficient = coefficient
            self.isOdd = isOdd
        }
    }

    /// The number of components of each argument.
    public let extents: [Int]
    /// In ascending order of their components; equal ones are added up, and none is zero.
    public let terms: [Term]
    /// Tables are compared and hashed often and never change.
    private let hashValueOfTerms: Int

    /// A form of two to six arguments; terms with equal components are added up.
    public init(extents: [Int], terms: some Sequence<Term>) {
        require((2...6).contains(extents.count), "a coupling has two to six arguments, not \(extents.count)")
        for term in terms {
            require(
                term.components.count == extents.count
                    && zip(term.components, extents).allSatisfy { (0..<$1).contains($0) },
                "components \(term.components) of a coupling of extents \(extents)")
        }
        let sorted = terms.sorted { a, b in
            a.components == b.components ? !a.isOdd && b.isOdd : a.components.lexicographicallyPrecedes(b.components)
        }
        var merged: [Term] = []
        for term in sorted {
            if let last = merged.last, last.components == term.components && last.isOdd == term.isOdd {
                merged[merged.count - 1].coefficient += term.coefficient
            } else {
                merged.append(term)
            }
        }
        self.extents = extents
        self.terms = merged.filter { $0.coefficient != 0 }
        hashValueOfTerms = self.terms.hashValue
    }

    /// Compares the tables.
    public static func == (a: Coupling, b: Coupling) -> Bool {
        a.hashValueOfTerms == b.hashValueOfTerms && a.extents == b.extents && a.terms == b.terms
    }

    /// Hashes the table.
    public func hash(into hasher: inout Hasher) { hasher.combine(hashValueOfTerms) }

    /// Whether it is zero for all arguments.
    var isZero: Bool { terms.isEmpty }

    /// The form with its arguments in another order: argument k is `order[k]` here.
    ///
    /// - Parameter ends: the positions here of the two arguments at the first and second atom of a pair. Where their order
    ///   is exchanged, odd terms change their sign.
    func reordered(_ order: [Int], ends: (Int, Int)? = nil) -> Coupling {
        let turned = ends.map { order.firstIndex(of: $0.0)! > order.firstIndex(of: $0.1)! } ?? false
        return Coupling(
            extents: order.map { extents[$0] },
            terms: terms.map { term in
                Term(
                    order.map { term.components[$0] }, turned && term.isOdd ? -term.coefficient : term.coefficient,
                    isOdd: term.isOdd)
            })
    }

    /// The form for equal tensors as some of its arguments, whose components may be exchanged in every term.
    ///
    /// - Parameter ends: as in `reordered`, where these two are equal: exchanging them turns the pair round.
    func symmetric(in groups: [[Int]], ends: (Int, Int)? = nil) -> Coupling {
        Coupling(
            extents: extents,
            terms: terms.compactMap { term in
                var term = term
                for group in groups {
                    for (place, component) in zip(group, group.map { term.components[$0] }.sorted()) {
                        term.components[place] = component
                    }
                }
                guard let (first, second) = ends else { return term }
                if term.components[first] == term.components[second] { return term.isOdd ? nil : term }
                if term.components[first] > term.components[second] {
                    term.components.swapAt(first, second)
                    if term.isOdd { term.coefficient = -term.coefficient }
                }
                return term
            })
    }
}

extension Coupling: CustomStringConvertible {
    /// Extents and number of terms, as in `16x9x16 (184 terms)`.
    public var description: String {
        "\(extents.map(String.init).joined(separator: "x")) (\(terms.count) term\(terms.count == 1 ? "" : "s"))"
    }
}
