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
    /// What of an earlier run could not be kept; a run goes on without it.
    public let notices: [String]

    /// Starts `metrics.csv` and `metrics.jsonl` in a folder that exists.
    ///
    /// - Parameters:
    ///   - columns: The columns after the epoch.
    ///   - epoch: The number of epochs that are kept of an earlier run; later lines, of which the run has no memory,
    ///     are removed. Columns that the run no longer has are left out, new ones are empty in the lines that are kept.
    ///     With 0 the files are new.
    /// - Throws: `ApusError` when a file cannot be written.
    public init(folder: String, columns: [Column], keepingEpochs epoch: Int = 0) throws {
        csvPath = folder + "/metrics.csv"
        linesPath = folder + "/metrics.jsonl"
        jsonPath = folder + "/metrics.json"
        self.columns = columns
        let header = (["epoch"] + columns.map(\.title)).joined(separator: ",")
        var lines = [header]
        if epoch > 0 {
            lines += Self.rows(upTo: epoch, path: csvPath, titles: ["epoch"] + columns.map(\.title))
        }
        try writeFileAtomically(path: csvPath, bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
        let objects = epoch > 0 ? Self.objects(upTo: epoch, path: linesPath) : []
        try writeFileAtomically(path: linesPath, bytes: Array(objects.map { $0 + "\n" }.joined().utf8))
        notices = [(csvPath, lines.count - 1), (linesPath, objects.count)].compactMap { path, count in
            guard count < epoch else { return nil }
            return "\(path) has \(count) of the \(epoch) epochs so far; the others are not written again"
        }
    }

    /// The lines of the first epochs, brought to these columns; one cut short by a crash has too few fields.
    private static func rows(upTo epoch: Int, path: String, titles: [String]) -> [String] {
        let rows = lines(of: path).map(csvFields)
        guard let found = rows.first, found.first == "epoch" else { return [] }
        let places = titles.map { title in found.firstIndex { $0 == title } }
        return rows.dropFirst().compactMap { fields in
            guard fields.count == found.count, Int(fields[0]).map({ $0 <= epoch }) == true else { return nil }
            return places.map { $0.map { String(fields[$0]) } ?? "" }.joined(separator: ",")
        }
    }

    /// The lines of the first epochs; one cut short by a crash is no object.
    static func objects(upTo epoch: Int, path: String) -> [String] {
        lines(of: path).filter { (try? JSONValue(parsing: $0))?["epoch"]?.integer.map { $0 <= epoch } == true }
    }

    /// The lines of a file; none where it cannot be read.
    private static func lines(of path: String) -> [String] {
        let bytes = (try? readFile(path: path)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Adds the line of an epoch to `metrics.csv` and `metrics.jsonl`.
    ///
    /// A column without a value stays empty.
    ///
    /// - Precondition: Every value has a column of the same name and unit.
    /// - Throws: `ApusError` when a file cannot be written.
    public func append(epoch: Int, _ values: [ReportedValue]) throws {
        for value in values {
            require(
                columns.contains(Column(value.name, unit: value.unit)),
                "metrics.csv has no column '\(value.name)' with the unit '\(value.unit)'")
        }
        let ordered = columns.map { column in values.first { $0.name == column.name } }
        let cells = ordered.map { $0.map { exactText($0.value) } ?? "" }
        let line = ([String(epoch)] + cells).joined(separator: ",") + "\n"
        let table = Result { try appendToFile(path: csvPath, bytes: Array(line.utf8)) }
        // Members in the order of the columns, which the text of a JSON object would not keep.
        let members = ordered.compactMap { $0 }.map { "\(JSONValue.string($0.label)):\(JSONValue(finite: $0.value))" }
        let object = "{" + (["\"epoch\":\(epoch)"] + members).joined(separator: ",") + "}\n"
        let lines = Result { try appendToFile(path: linesPath, bytes: Array(object.utf8)) }
        try table.get()
        try lines.get()
    }

    /// Writes `metrics.json`: the table of errors and figures of the whole run, each with its unit.
    ///
    /// - Throws: `ApusError` when the file cannot be written.
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

/// The fields of a line, in the quotes that they have.
private func csvFields(_ line: String) -> [Substring] {
    var isQuoted = false
    return line.split(omittingEmptySubsequences: false) { character in
        if character == "\"" { isQuoted.toggle() }
        return character == "," && !isQuoted
    }
}

/// A field in quotes where commas or quotes ask for them (RFC 4180).
private func csvField(_ text: String) -> String {
    text.contains { $0 == "," || $0 == "\"" } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
}
