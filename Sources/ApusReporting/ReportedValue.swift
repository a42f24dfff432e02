import ApusFiles

/// A number with its name and unit, as it appears in progress lines, tables and files.
public struct ReportedValue: Sendable, Equatable {
    /// The name, such as `val/per_atom_force/rmse`.
    public let name: String
    /// The number.
    public let value: Double
    /// The unit, such as `eV/Å`; empty for pure numbers.
    public let unit: String

    /// Joins a name, a number and a unit.
    public init(_ name: String, _ value: Double, unit: String = "") {
        self.name = name
        self.value = value
        self.unit = unit
    }

    /// The name and the unit, such as `val/per_atom_force/rmse [eV/Å]`, by which files call it.
    var label: String { labelText(name, unit: unit) }

    /// The name, the number in four digits and the unit.
    var text: String {
        printable("\(name) \(shortNumber)\(unit.isEmpty ? "" : " " + unit)")
    }

    /// Counts in full, other numbers with four digits.
    private var shortNumber: String {
        value == value.rounded() && abs(value) < 1e7 ? String(Int(value)) : numberText(value, significantDigits: 4)
    }
}

/// A name with its unit in brackets; pure numbers have none.
func labelText(_ name: String, unit: String) -> String { unit.isEmpty ? name : "\(name) [\(unit)]" }
