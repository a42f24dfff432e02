import ApusChemistry

/// What a reader took from a file: which key for which property, in which unit, and how the unit is known.
public struct Interpretation: Sendable, Equatable {
    /// How a unit is known.
    public enum Origin: Sendable, Equatable, CustomStringConvertible {
        /// The file states it under a key.
        case file(key: String)
        /// The user states it.
        case option
        /// Neither states it; it is the custom of a program or a format.
        case convention(String)
        /// It is the quotient or product of other units of the file.
        case derived

        /// The origin in a few words.
        public var description: String {
            switch self {
            case .file(let key): "stated by the file, \(key)"
            case .option: "stated by the configuration"
            case .convention(let name): "assumed, \(name)"
            case .derived: "from the units above"
            }
        }
    }

    /// A property and where it was found.
    public struct Entry: Sendable, Equatable, CustomStringConvertible {
        /// The property.
        public let property: Property
        /// The key, column or array of the file.
        public let key: String
        /// The unit in the file; nil for elements.
        public let unit: Unit?
        /// How the unit is known; nil where there is no choice, as for charges in e.
        public let origin: Origin?
        /// Whether the numbers of the file are read with the opposite sign, as gradients are.
        public let isNegated: Bool
        /// The number of configurations that have the property.
        public let count: Int

        /// The same with another number of configurations.
        func counting(_ count: Int) -> Entry {
            Entry(property: property, key: key, unit: unit, origin: origin, isNegated: isNegated, count: count)
        }

        /// One line, such as `energy from 'energy' in eV (assumed, ASE convention)`.
        public var description: String {
            let units = unit.map { " in \($0.symbol)" } ?? ""
            return "\(property.name) from '\(key)'\(units)" + (origin.map { " (\($0))" } ?? "")
                + (isNegated ? (property == .forces ? ", gradients with" : ", with") + " the opposite sign" : "")
        }
    }

    /// The name of the file format.
    public let format: String
    /// The number of configurations.
    public let count: Int
    /// The properties that were read.
    public let entries: [Entry]
    /// The further keys of the file.
    public let unusedKeys: [String]
    /// Labels that do not fit and were left out, a line each.
    public var leftOut: [String] = []
    /// What else there is to know, a sentence each.
    public var notes: [String] = []
    /// In how many configurations each label is not a number, and was taken as missing.
    public var missing: [Property: Int] = [:]
    /// The first configuration with such a label.
    var firstMissing: [Property: Configuration.Place] = [:]
    /// The unused keys that hold a value for every atom, as far as the format tells.
    var columns: Set<String> = []

    /// How messages name the options for reading.
    var names = SettingNames()

    /// The same without labels that turned out to be missing, and with a note about them.
    func without(_ missing: [Property: (count: Int, first: Configuration.Place)]) -> Interpretation {
        guard !missing.isEmpty else { return self }
        var copy = with(entries: entries.map { $0.counting($0.count - (missing[$0.property]?.count ?? 0)) })
        copy.missing = missing.mapValues(\.count)
        copy.firstMissing = missing.mapValues(\.first)
        if let note = copy.missingNote { copy.notes.append(note) }
        return copy
    }

    /// What is said of the labels that are not a number; nil where all are.
    public var missingNote: String? {
        guard !missing.isEmpty else { return nil }
        let names = missing.sorted { $0.key.key < $1.key.key }.map { property, count in
            "the \(property.name) of \(count == 1 ? "1 configuration" : "\(count) configurations")"
                + (firstMissing[property].map { count == 1 ? " (\($0))" : " (first \($0))" } ?? "")
        }
        return "not a number and taken as missing: \(names.joined(separator: ", "))"
    }

    /// The same with other entries.
    func with(entries: [Entry]) -> Interpretation {
        var copy = Interpretation(
            format: format, count: count, entries: entries, unusedKeys: unusedKeys, leftOut: leftOut, notes: notes,
            missing: missing, columns: columns, names: names)
        copy.firstMissing = firstMissing
        return copy
    }

    /// The entry of a property; nil when no configuration has it.
    public subscript(property: Property) -> Entry? {
        entries.first { $0.property == property }
    }

    /// The whole in lines, for the terminal.
    public var lines: [String] {
        entries.map { entry in
            entry.count == count ? "\(entry)" : "\(entry), in \(entry.count) of \(count) configurations"
        } + notes + (unusedKeys.isEmpty ? [] : ["not used: \(unusedKeys.joined(separator: ", "))"]) + leftOut
    }
}
