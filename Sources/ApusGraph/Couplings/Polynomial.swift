import ApusSystem

/// A product of up to eight of 255 variables, in which their order does not matter.
package struct Monomial: Hashable, Comparable, Sendable {
    /// A byte for each factor, its number plus one; the largest factor stands in the lowest byte.
    private var packed: UInt64 = 0

    /// The variables in ascending order, as often as they occur.
    package var factors: [Int] {
        var (factors, rest) = ([Int](), packed)
        while rest > 0 {
            factors.append(Int(rest & 0xFF) - 1)
            rest >>= 8
        }
        return factors.reversed()
    }

    /// The product with one more variable.
    static func * (monomial: Monomial, variable: Int) -> Monomial {
        require(
            monomial.packed >> 56 == 0 && (0..<255).contains(variable), "a monomial has at most eight of 255 variables")
        let byte = UInt64(variable + 1)
        var (upper, lower, shift) = (monomial.packed, UInt64(0), UInt64(0))
        while upper & 0xFF > byte {
            lower |= (upper & 0xFF) << shift
            upper >>= 8
            shift += 8
        }
        return Monomial(packed: (upper << 8 | byte) << shift | lower)
    }

    /// By the number of factors, then lexicographically.
    package static func < (a: Monomial, b: Monomial) -> Bool { a.packed < b.packed }

    /// Π n! over the multiplicities n of the variables.
    var symmetry: Double {
        Dictionary(grouping: factors) { $0 }.values.reduce(1) { $0 * factorial($1.count) }
    }
}

/// A polynomial of any number of variables. Its terms are kept in order, so that sums round alike in every run.
package struct Polynomial: Sendable {
    package struct Term: Sendable {
        package var monomial: Monomial
        package var coefficient: Double
    }

    /// By ascending monomials, each once.
    package private(set) var terms: [Term] = []

    static let zero = Polynomial()
    static let one = Polynomial(terms: [Term(monomial: Monomial(), coefficient: 1)])

    /// The coefficient of a monomial.
    subscript(monomial: Monomial) -> Double {
        var range = terms.startIndex..<terms.endIndex
        while let middle = range.isEmpty ? nil : (range.lowerBound + range.upperBound) / 2 {
            if terms[middle].monomial == monomial { return terms[middle].coefficient }
            range =
                terms[middle].monomial < monomial ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return 0
    }

    static func + (a: Polynomial, b: Polynomial) -> Polynomial {
        var terms: [Term] = []
        terms.reserveCapacity(a.terms.count + b.terms.count)
        var (i, j) = (0, 0)
        while i < a.terms.count || j < b.terms.count {
            if j == b.terms.count || i < a.terms.count && a.terms[i].monomial < b.terms[j].monomial {
                terms.append(a.terms[i])
                i += 1
            } else if i == a.terms.count || b.terms[j].monomial < a.terms[i].monomial {
                terms.append(b.terms[j])
                j += 1
            } else {
                let sum = a.terms[i].coefficient + b.terms[j].coefficient
                terms.append(Term(monomial: a.terms[i].monomial, coefficient: sum))
                i += 1
                j += 1
            }
        }
        return Polynomial(terms: terms)
    }

    static func * (scale: Double, a: Polynomial) -> Polynomial {
        Polynomial(terms: a.terms.map { Term(monomial: $0.monomial, coefficient: scale * $0.coefficient) })
    }

    /// The product with a variable; the order of the terms stays.
    static func * (a: Polynomial, variable: Int) -> Polynomial {
        Polynomial(terms: a.terms.map { Term(monomial: $0.monomial * variable, coefficient: $0.coefficient) })
    }

    /// The terms whose coefficients are larger than what cancellation leaves.
    func removingZeros(below bound: Double = 1e-12) -> Polynomial {
        Polynomial(terms: terms.filter { $0.coefficient.magnitude > bound })
    }

    func derivative(by variable: Int) -> Polynomial {
        terms.reduce(.zero) { slope, term in
            var factors = term.monomial.factors
            guard let first = factors.firstIndex(of: variable) else { return slope }
            let power = factors.count { $0 == variable }
            factors.remove(at: first)
            let lower = factors.reduce(Monomial(), *)
            return slope + Polynomial(terms: [Term(monomial: lower, coefficient: Double(power) * term.coefficient)])
        }
    }

    /// Σ α! p_α q_α over the exponents α of the monomials. Rotations of the variables do not change it.
    func inner(_ other: Polynomial) -> Double {
        terms.reduce(0) { $0 + $1.monomial.symmetry * $1.coefficient * other[$1.monomial] }
    }

    /// The value at given variables.
    package func callAsFunction(_ variables: [Double]) -> Double {
        terms.reduce(0) { $0 + $1.monomial.factors.reduce($1.coefficient) { $0 * variables[$1] } }
    }
}
