/// A chemical element, hydrogen (Z = 1) to oganesson (Z = 118).
///
/// Elements are ordered by their atomic number. The figures behind ``mass`` and ``covalentRadius`` are listed in
/// `Element+Properties.swift` with their sources.
public struct Element: Hashable, Comparable, Sendable {
    /// The number of protons Z, 1 to 118.
    public let atomicNumber: Int

    /// The atomic numbers of all known elements, 1 to 118.
    public static let atomicNumbers = 1...118

    /// All elements in the order of their atomic numbers.
    public static let all = atomicNumbers.map { Element(validAtomicNumber: $0) }

    /// Finds the element of an atomic number.
    ///
    /// - Throws: ``ElementError/unknownAtomicNumber(_:)`` outside 1...118.
    public init(atomicNumber: Int) throws(ElementError) {
        guard Element.atomicNumbers.contains(atomicNumber) else { throw .unknownAtomicNumber(atomicNumber) }
        self.atomicNumber = atomicNumber
    }

    /// Finds the element of a symbol in its standard spelling: `H`, `C`, `Cl`.
    ///
    /// Case matters, because `CO` and `Co` must not be confused.
    /// - Throws: ``ElementError/unknownSymbol(_:)`` for any other text.
    public init(symbol: String) throws(ElementError) {
        guard let element = Element.bySymbol[symbol] else { throw .unknownSymbol(symbol) }
        self = element
    }

    private init(validAtomicNumber: Int) {
        atomicNumber = validAtomicNumber
    }

    private static let bySymbol = [String: Element](uniqueKeysWithValues: all.map { ($0.symbol, $0) })

    /// The symbol, such as `Cl`.
    public var symbol: String { properties.symbol }

    /// The English name recommended by IUPAC, in lower case, such as `chlorine`.
    public var name: String { properties.name }

    /// The standard atomic mass in u.
    ///
    /// This is the standard atomic weight of 2021 (Prohaska et al., Pure Appl. Chem. 94, 573 (2022),
    /// doi:10.1515/pac-2019-0603). Where IUPAC gives an interval (H, Li, B, C, N, O, Mg, Si, S, Cl, Ar, Br, Tl, Pb)
    /// it is the conventional value. For elements without a characteristic isotopic composition (Tc, Pm, Po to Ac,
    /// and Np onwards) it is the mass number of the longest-lived known isotope.
    public var mass: Double { properties.mass }

    /// The covalent radius in Å.
    ///
    /// Z = 1...96: Cordero et al., Dalton Trans. 2832 (2008), doi:10.1039/b801115j, with the radius of sp³ carbon
    /// and of low-spin Mn, Fe and Co. Z = 97...118: single-bond radii of Pyykkö and Atsumi, Chem. Eur. J. 15, 186
    /// (2009), doi:10.1002/chem.200800987.
    public var covalentRadius: Double { properties.covalentRadius }

    /// Orders elements by atomic number.
    public static func < (left: Element, right: Element) -> Bool {
        left.atomicNumber < right.atomicNumber
    }
}

extension Element: CustomStringConvertible {
    /// The symbol.
    public var description: String { symbol }
}

/// A text or a number that names no element.
public enum ElementError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No element has this atomic number.
    case unknownAtomicNumber(Int)
    /// No element has this symbol.
    case unknownSymbol(String)

    /// One sentence with the value found and what is accepted.
    public var description: String {
        switch self {
        case .unknownAtomicNumber(let number):
            return "no element has the atomic number \(number); atomic numbers run from 1 (H) to 118 (Og)"
        case .unknownSymbol(let text):
            let wanted = text.lowercased()
            let meant = Element.all.first { $0.symbol.lowercased() == wanted || $0.name == wanted }
            let remedy = meant.map { "did you mean \"\($0.symbol)\"?" } ?? "symbols are written like H, C or Cl"
            return "\"\(text)\" is not the symbol of an element; \(remedy)"
        }
    }
}
