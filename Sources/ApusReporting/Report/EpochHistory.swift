import ApusFiles

/// The figures of the epochs of a run, as `metrics.jsonl` holds them.
public struct EpochHistory: Sendable {
    /// A figure of all epochs that have it.
    public struct Column: Sendable {
        /// The name, such as `val/per_atom_force/mae`.
        public let name: String
        /// The unit; empty for pure numbers.
        public let unit: String
        /// The epochs and the values.
        public fileprivate(set) var points: [(epoch: Int, value: Double)]
    }

    private var columns: [String: Column] = [:]

    /// No epochs.
    public init() {}

    /// Takes the lines of `metrics.jsonl`; a line cut short by a crash is passed over.
    public init(lines: String) {
        for line in lines.split(separator: "\n") {
            guard let object = (try? JSONValue(parsing: String(line)))?.object, let epoch = object["epoch"]?.integer
            else { continue }
            for (label, value) in object where label != "epoch" {
                guard let number = value.real else { continue }
                let (name, unit) = Self.parts(of: label)
                columns[name, default: Column(name: name, unit: unit, points: [])].points.append((epoch, number))
            }
        }
    }

    /// All figures, by name.
    public var names: [String] { columns.keys.sorted() }

    /// A figure; nil where no epoch has it.
    public subscript(name: String) -> Column? { columns[name] }

    /// The properties whose errors are there, such as `per_atom_force`, without those of single elements.
    var errorNames: [String] {
        let names = columns.keys.compactMap { name -> String? in
            let parts = name.split(separator: "/")
            return parts.count == 3 && parts[2] == "mae" ? String(parts[1]) : nil
        }
        return Set(names).sorted()
    }

    /// `eV/Å` of `val/per_atom_force/mae [eV/Å]`.
    private static func parts(of label: String) -> (String, String) {
        guard label.hasSuffix("]"), let bracket = label.range(of: " [") else { return (label, "") }
        return (String(label[..<bracket.lowerBound]), String(label[bracket.upperBound...].dropLast()))
    }
}

extension String {
    /// The first place of a text.
    fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
