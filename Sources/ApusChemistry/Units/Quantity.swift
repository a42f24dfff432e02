/// A number with its unit, such as `5.0 angstrom`.
///
/// Two quantities are equal when both parts are: 1 nm and 10 Å are not.
public struct Quantity: Hashable, Sendable {
    /// The number, counted in ``unit``.
    public let value: Double
    /// The unit.
    public let unit: Unit

    /// Joins a number and a unit.
    public init(_ value: Double, _ unit: Unit) {
        self.value = value
        self.unit = unit
    }

    /// Reads a quantity, such as `5.0 angstrom`, `1e-3 hartree/bohr` or `-0.5eV`.
    ///
    /// - Throws: A ``UnitError`` when the number is missing or not finite or the unit is missing or unknown.
    public init(_ text: String) throws(UnitError) {
        let text = text.trimmingWhitespace()
        let number = text.leadingNumber
        let rest = String(text[number.endIndex...]).trimmingWhitespace()
        guard let value = Double(number) else {
            let word = text.prefix { !$0.isWhitespace }
            guard Double(word) == nil else { throw .notFinite(in: text) }  // "nan" and "inf"
            throw .missingNumber(in: text)
        }
        guard value.isFinite else { throw .notFinite(in: text) }
        guard !rest.isEmpty else { throw .missingUnit(in: text) }
        self.init(value, try Unit(rest))
    }

    /// The number in another unit of the same dimension.
    ///
    /// - Throws: ``UnitError/wrongDimension(_:needed:)`` when the two units measure different things.
    public func value(in other: Unit) throws(UnitError) -> Double {
        value * (try unit.factor(to: other))
    }
}

extension Quantity: CustomStringConvertible {
    /// The number and the unit as it was written.
    public var description: String { "\(value) \(unit)" }
}

extension String {
    /// The longest beginning that is a decimal number; empty where there is none.
    ///
    /// An `e` belongs to the number only when digits follow: `5e` is five elementary charges.
    fileprivate var leadingNumber: Substring {
        var rest = self[...]
        func skipDigits(_ text: inout Substring) -> Bool {
            let digits = text.prefix { ("0"..."9").contains($0) }
            text = text[digits.endIndex...]
            return !digits.isEmpty
        }
        func skip(_ characters: String, _ text: inout Substring) -> Bool {
            guard let first = text.first, characters.contains(first) else { return false }
            text.removeFirst()
            return true
        }
        _ = skip("+-", &rest)
        var hasDigits = skipDigits(&rest)
        if skip(".", &rest) { hasDigits = skipDigits(&rest) || hasDigits }
        guard hasDigits else { return self[startIndex..<startIndex] }
        var afterExponent = rest
        if skip("eE", &afterExponent) {
            _ = skip("+-", &afterExponent)
            if skipDigits(&afterExponent) { rest = afterExponent }
        }
        return self[startIndex..<rest.startIndex]
    }
}
