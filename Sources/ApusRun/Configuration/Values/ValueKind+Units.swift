import ApusChemistry
import ApusSystem

extension ValueKind where Value == Quantity {
    /// A length from and to so many Å.
    package static func length(_ range: ClosedRange<Double>) -> ValueKind {
        let (least, largest) = (shortNumber(range.lowerBound), shortNumber(range.upperBound))
        return quantity(.angstrom, "a length from \(least) to \(largest) angstrom such as \"5.0 angstrom\"") {
            range.contains($0)
        }
    }

    /// A number with a unit of the given dimension.
    static func quantity(_ unit: Unit, example: String) -> ValueKind {
        quantity(unit, "a quantity such as \"\(example)\"") { _ in true }
    }

    /// A number with a unit, whose value in that unit obeys a rule and is not so large that it overflows in another.
    private static func quantity(
        _ unit: Unit, _ words: String, where isValid: @escaping @Sendable (Double) -> Bool
    ) -> ValueKind {
        ValueKind(
            expected: words,
            decode: { value, _ throws(ValueMismatch) in
                guard case .text(let text) = value else { throw ValueMismatch() }
                let (quantity, size): (Quantity, Double)
                do {
                    quantity = try Quantity(text)
                    size = try quantity.value(in: unit)
                } catch {
                    throw ValueMismatch(problem: "\(error)")
                }
                guard abs(size) <= 1e15 else {
                    throw ValueMismatch(problem: "\"\(text)\" is more than 1e15 \(unit)")
                }
                guard isValid(size) else { throw ValueMismatch() }
                return quantity
            },
            encode: { .text(ascii($0.description)) })
    }
}

extension ValueKind where Value == Unit {
    /// The name of a unit of the given dimension.
    package static func unit(of dimension: Dimension, examples: String) -> ValueKind {
        ValueKind(
            expected: "a unit of \(dimension) such as \(examples)",
            decode: { value, _ throws(ValueMismatch) in
                guard case .text(let text) = value else { throw ValueMismatch() }
                let unit: Unit
                do { unit = try Unit(text) } catch { throw ValueMismatch(problem: "\(error)") }
                guard unit.dimension == dimension else {
                    throw ValueMismatch(problem: UnitError.wrongDimension(unit, needed: dimension).description)
                }
                return unit
            },
            encode: { .text(ascii($0.description)) })
    }
}

/// A spelling that every keyboard and terminal has; it reads back as the same unit.
private func ascii(_ text: String) -> String {
    text.replacing("Å", with: "angstrom").replacing("·", with: "*")
}

extension ValueKind where Value == Duration {
    /// A time such as `14 min`; units are those below, as words, letters and plurals.
    static var duration: ValueKind {
        ValueKind(
            expected: "a time > 0 such as \"14 min\", \"90 s\" or \"1.5 h\"",
            decode: { value, _ throws(ValueMismatch) in
                guard case .text(let text) = value, let seconds = seconds(of: text) else { throw ValueMismatch() }
                return .milliseconds((seconds * 1000).rounded())
            },
            encode: { duration in
                let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
                return .text("\(seconds) s")
            })
    }

    private static func seconds(of text: String) -> Double? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number) else { return nil }
        let factor: Double
        switch text[number.endIndex...].filter({ !$0.isWhitespace }).lowercased() {
        case "s", "sec", "second", "seconds": factor = 1
        case "min", "minute", "minutes": factor = 60
        case "h", "hour", "hours": factor = 3600
        case "d", "day", "days": factor = 86400
        default: return nil
        }
        let seconds = value * factor
        // A shorter time cannot be told from zero, a longer one does not fit its type.
        return (1e-3...1e12).contains(seconds) ? seconds : nil
    }
}
