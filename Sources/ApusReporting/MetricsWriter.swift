import ApusFiles
import ApusSystem

/// Writes the figures of a run to `metrics.csv` and `metrics.jsonl`, a line per epoch, and to `metrics.json` at its end.
///
/// The first line of `metrics.csv` names the columns with their units, `val/per_atom_force/rmse [eV/Å]`; the first
/// column is the epoch. A line of `metrics.jsonl` is an object with the same names, without those that have no value;
/// what is not finite is null. Numbers have as many digits as it takes to read them back exactly.
public struct MetricsWriter: Sendable {
    /// The name and unit of a column.
    public struct Column: Sendable, Equatable {
        /// The name, the same as that of the value.
        public let name: String
        /// The unit; empty for pure numbers.
        public let unit: String

        /// Joins a name and a unit.
        public init(_ name: String, unit: String = "") {
            self.name = name
            self.unit = unit
        }

        fileprivate var title: String { csvField(printable(labelText(name, unit: unit))) }
    }

    /// The path of the table of epochs.
    public let csvPath: String
    /// The path of the same figures, an object a line.
    public let linesPath: String
    /// The path of the final results.
    public let jsonPath: String
    private let columns: [Column]

    /// Starts `metrics.csv` and `metrics.jsonl` in a folder that exists.
    ///
    /// - Parameters:
    ///   - columns: The columns after the epoch.
    ///   - epoch: The number of epochs that are kept of an earlier run, whose table then must have the same columns;
    ///     later lines, of which the run has no memory, are removed. With 0 the files are new.
    /// - Throws: ``ApusError`` when a file cannot be written or has other columns.
    public init(folder: String, columns: [Column], keepingEpochs epoch: Int = 0) throws {
        csvPath = folder + "/metrics.csv"
        linesPath = folder + "/metrics.jsonl"
        jsonPath = folder + "/metrics.json"
        self.columns = columns
        let header = (["epoch"] + columns.map(\.title)).joined(separator: ",")
        var lines = [header]
        if epoch > 0 {
            let kept = String(decoding: try readFile(path: csvPath), as: UTF8.self).split(separator: "\n")
            guard kept.first.map(String.init) == header else {
                throw ApusError(
                    .data, file: csvPath, place: "line 1",
                    problem: "the columns are not those of this run, '\(header)'",
                    remedy: "move the file away or choose another run folder")
            }
            // A line cut short by a crash has too few fields.
            lines += kept.dropFirst().map(String.init).filter { line in
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                return fields.count == columns.count + 1 && Int(fields[0]).map { $0 <= epoch } == true
            }
        }
        try writeFileAtomically(path: csvPath, bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
        let objects = epoch > 0 ? try Self.objects(upTo: epoch, path: linesPath) : ""
        try writeFileAtomically(path: linesPath, bytes: Array(objects.utf8))
    }

    /// The lines of the first epochs; one cut short by a crash is no object.
    private static func objects(upTo epoch: Int, path: String) throws -> String {
        let lines = String(decoding: try readFile(path: path), as: UTF8.self).split(separator: "\n").map(String.init)
        let kept = lines.filter { (try? JSONValue(parsing: $0))?["epoch"]?.integer.map { $0 <= epoch } == true }
        return kept.map { $0 + "\n" }.joined()
    }

    /// Adds the line of an epoch to `metrics.csv` and `metrics.jsonl`.
    ///
    /// A column without a value stays empty.
    ///
    /// - Precondition: Every value has a column of the same name and unit.
    /// - Throws: ``ApusError`` when a file cannot be written.
    public func append(epoch: Int, _ values: [ReportedValue]) throws {
        for value in values {
            require(
                columns.contains(Column(value.name, unit: value.unit)),
                "metrics.csv has no column '\(value.name)' with the unit '\(value.unit)'")
        }
        let ordered = columns.map { column in values.first { $0.name == column.name } }
        let cells = ordered.map { $0.map { exactText($0.value) } ?? "" }
        let line = ([String(epoch)] + cells).joined(separator: ",") + "\n"
        try appendToFile(path: csvPath, bytes: Array(line.utf8))
        // Members in the order of the columns, which the text of a JSON object would not keep.
        let members = ordered.compactMap { $0 }.map { "\(JSONValue.string($0.label)):\(JSONValue(finite: $0.value))" }
        let object = "{" + (["\"epoch\":\(epoch)"] + members).joined(separator: ",") + "}\n"
        try appendToFile(path: linesPath, bytes: Array(object.utf8))
    }

    /// Writes `metrics.json`: the table of errors and figures of the whole run, each with its unit.
    ///
    /// - Throws: ``ApusError`` when the file cannot be written.
    public func writeResults(_ table: MetricsTable, run figures: [ReportedValue] = []) throws {
        let run = figures.map { figure in
            (figure.name, JSONValue.object(["value": JSONValue(finite: figure.value), "unit": .string(figure.unit)]))
        }
        let results = JSONValue.object([
            "results": table.json, "run": .object(Dictionary(run, uniquingKeysWith: { _, last in last })),
        ])
        try writeFileAtomically(path: jsonPath, bytes: Array((results.description + "\n").utf8))
    }
}

/// The shortest text that reads back equal; counts without a point.
private func exactText(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
}

/// A field in quotes where commas or quotes ask for them (RFC 4180).
private func csvField(_ text: String) -> String {
    text.contains { $0 == "," || $0 == "\"" } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
}
