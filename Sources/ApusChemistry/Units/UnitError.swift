/// A text that is no unit or no quantity, or a unit of the wrong dimension.
///
/// Every case carries the text at fault, so that the reader of a file can add the place to ``description``.
public enum UnitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A name in the text is not the name of a unit.
    case unknownUnit(String, in: String)
    /// The text is not built like a product of powers of units.
    case malformedUnit(String, problem: String)
    /// The unit measures something else than what is needed.
    case wrongDimension(Unit, needed: Dimension)
    /// The text of a quantity does not begin with a number.
    case missingNumber(in: String)
    /// The text of a quantity has a number only.
    case missingUnit(in: String)
    /// The number of a quantity is infinite, too large or not a number.
    case notFinite(in: String)
    /// The text of a unit system does not name one length and one energy.
    case malformedUnitSystem(String)

    /// One sentence with the value found and what is accepted.
    public var description: String {
        let remedy = isAboutQuantity ? "; write a number and a unit, such as \"5.0 angstrom\"" : ""
        return problem + remedy
    }

    /// Whether it is about the number of a quantity, or that its unit is missing.
    public var isAboutQuantity: Bool {
        switch self {
        case .missingNumber, .missingUnit, .notFinite: true
        default: false
        }
    }

    /// The same where an example of a quantity comes from elsewhere.
    public var problem: String {
        switch self {
        case .unknownUnit(let name, let text):
            let place = name == text ? "" : " in \"\(text)\""
            let meant = ElementaryUnit.nearestSpelling(to: name)
            let remedy = meant.map { "did you mean \"\($0)\"?" } ?? "accepted are \(UnitError.accepted)"
            return "unknown unit \"\(name)\"\(place); \(remedy)"
        case .malformedUnit(let text, let problem):
            return "\"\(text)\" is not a unit: \(problem); write units like \"eV/angstrom\" or \"kilojoule_per_mole\""
        case .wrongDimension(let unit, let needed):
            let found = unit.dimension == .dimensionless ? "dimensionless" : "a unit of \(unit.dimension)"
            let examples = needed.examples.map { ", such as \($0)" } ?? ""
            // A molar energy without "mol" is the one mistake whose remedy is not an example.
            let molar = unit.dimension == needed * .amount ? "; write \"\(unit)/mol\" for an energy per mole" : ""
            return "\"\(unit)\" is \(found), but a unit of \(needed) is needed\(examples)\(molar)"
        case .missingNumber(let text):
            return "\"\(text)\" does not begin with a number"
        case .missingUnit(let text):
            return "\"\(text)\" has no unit"
        case .notFinite(let text):
            return "the number in \"\(text)\" is not finite"
        case .malformedUnitSystem(let text):
            return "\"\(text)\" is not a unit system; write an energy and a length, such as \"eV, angstrom\""
        }
    }

    private static let accepted = """
        the lengths angstrom, nanometer, picometer and bohr, the energies electron_volt, meV, hartree, rydberg, \
        kilojoule_per_mole and kilocalorie_per_mole, the stresses gigapascal (GPa) and kilobar (kbar), the charge \
        elementary_charge, the dipole debye, and their products and quotients
        """
}

extension ElementaryUnit {
    /// The accepted spelling that differs from a misspelt one by case or, in words, by one or two letters.
    static func nearestSpelling(to text: String) -> String? {
        let wanted = text.lowercased()
        if let sameLetters = all.first(where: { $0.symbol.lowercased() == wanted }) { return sameLetters.symbol }
        let allowed = wanted.count < 4 ? 0 : wanted.count < 7 ? 1 : 2
        let candidates = all.flatMap(\.names).map { (name: $0, distance: editDistance($0, wanted)) }
        return candidates.filter { $0.distance <= allowed }.min { $0.distance < $1.distance }?.name
    }
}

/// The number of letters to insert, delete or replace to turn one text into the other (Levenshtein distance).
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in right.indices {
            let replaced = diagonal + (letter == right[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
        }
    }
    return row[right.count]
}
