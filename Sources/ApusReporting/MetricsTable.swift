import ApusFiles

/// The errors of a potential, one row for each part of the data and property.
public struct MetricsTable: Sendable, Equatable {
    /// The errors of one property on one part of the data.
    public struct Row: Sendable, Equatable {
        /// The part of the data: `training`, `validation`, `test` or a file.
        public let split: String
        /// The property, such as `per_atom_force`.
        public let property: String
        /// The unit of all numbers of the row.
        public let unit: String
        /// The mean absolute error over all values.
        public let mae: Double
        /// The root of the mean squared error over all values.
        public let rmse: Double
        /// The mean of prediction − reference, which a shift of all predictions shows; nil where it is unknown.
        public let meanSigned: Double?
        /// The largest absolute error.
        public let maximum: Double
        /// The mean absolute error without a potential, of predicting the mean; nil where it is unknown.
        public let baseline: Double?
        /// The coefficient of determination R²; nil or not a number where it is unknown.
        public let determination: Double?
        /// The number of values that were compared.
        public let count: Int
        /// Further measures, by name.
        public let further: [String: Double]

        /// Joins the errors of one property on one part.
        public init(
            split: String, property: String, unit: String, mae: Double, rmse: Double, meanSigned: Double? = nil,
            maximum: Double, baseline: Double? = nil, determination: Double? = nil, count: Int,
            further: [String: Double] = [:]
        ) {
            self.split = split
            self.property = property
            self.unit = unit
            self.mae = mae
            self.rmse = rmse
            self.meanSigned = meanSigned
            self.maximum = maximum
            self.baseline = baseline
            self.determination = determination
            self.count = count
            self.further = further
        }
    }

    /// The mean of one loss component on one part of the data.
    public struct Mean: Sendable, Equatable {
        /// The part of the data.
        public let split: String
        /// The component, or `loss` for the weighted sum.
        public let name: String
        /// The unit; empty where different ones are added.
        public let unit: String
        /// The mean over systems.
        public let value: Double

        /// Joins the mean of a component with its unit.
        public init(split: String, name: String, unit: String, value: Double) {
            self.split = split
            self.name = name
            self.unit = unit
            self.value = value
        }
    }

    /// The rows from top to bottom.
    public let rows: [Row]
    /// The means of loss components, below the rows.
    public let means: [Mean]

    /// Creates a table.
    public init(_ rows: [Row], means: [Mean] = []) {
        self.rows = rows
        self.means = means
    }

    /// The names of further measures.
    var furtherNames: [String] { Set(rows.flatMap(\.further.keys)).sorted() }

    /// The table as text with aligned columns and numbers of four significant digits, without a last line feed.
    ///
    ///     split  property        unit      MAE     RMSE      max  baseline  values
    ///     test   per_atom_force  eV/Å  0.01230  0.02000   0.1100    0.9000    5400
    public var text: String {
        func number(_ value: Double) -> String { numberText(value, significantDigits: 4) }
        let hasBaseline = rows.contains { $0.baseline != nil }
        let hasDetermination = rows.contains { $0.determination != nil }
        let further = furtherNames
        var lines = [
            ["split", "property", "unit", "MAE", "RMSE", "max"] + (hasBaseline ? ["baseline"] : [])
                + (hasDetermination ? ["R2"] : []) + further + ["values"]
        ]
        for row in rows {
            let errors = [number(row.mae), number(row.rmse), number(row.maximum)]
            let baseline = hasBaseline ? [row.baseline.map(number) ?? "-"] : []
            let determination =
                hasDetermination ? [row.determination.map { $0.isFinite ? number($0) : "-" } ?? "-"] : []
            let others = further.map { row.further[$0].map(number) ?? "-" }
            lines.append(
                [row.split, row.property, row.unit] + errors + baseline + determination + others + [String(row.count)])
        }
        guard !means.isEmpty else { return aligned(lines, textColumns: 3) }
        let meanLines = means.map { [$0.split, $0.name, $0.unit.isEmpty ? "-" : $0.unit, number($0.value)] }
        return aligned(lines, textColumns: 3) + "\n\n"
            + aligned([["split", "loss component", "unit", "mean"]] + meanLines, textColumns: 3)
    }

    /// The table as a list of objects; numbers that are not finite are null.
    public var json: JSONValue {
        .array(
            rows.map { row in
                let numbers: [String: JSONValue] = [
                    "split": .string(row.split), "property": .string(row.property), "unit": .string(row.unit),
                    "mae": JSONValue(finite: row.mae), "rmse": JSONValue(finite: row.rmse),
                    "mean_signed": row.meanSigned.map(JSONValue.init(finite:)) ?? .null,
                    "max": JSONValue(finite: row.maximum),
                    "baseline": row.baseline.map(JSONValue.init(finite:)) ?? .null,
                    "r2": row.determination.map(JSONValue.init(finite:)) ?? .null, "count": .integer(row.count),
                ]
                return .object(row.further.mapValues(JSONValue.init(finite:)).merging(numbers) { $1 })
            }
                + means.map { mean in
                    .object([
                        "split": .string(mean.split), "loss_component": .string(mean.name),
                        "unit": .string(mean.unit), "mean": JSONValue(finite: mean.value),
                    ])
                })
    }
}

extension JSONValue {
    /// A number, or null where JSON has none.
    init(finite value: Double) {
        self = value.isFinite ? .real(value) : .null
    }
}

/// Puts cells below each other, texts to the left and numbers to the right, two spaces apart, each on one line.
public func aligned(_ lines: [[String]], textColumns: Int) -> String {
    let lines = lines.map { $0.map { printable($0) } }
    guard let columns = lines.first?.indices else { return "" }
    let widths = columns.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
        columns.map { column in
            let padding = String(repeating: " ", count: widths[column] - line[column].count)
            guard column < textColumns else { return padding + line[column] }
            return column == columns.last ? line[column] : line[column] + padding
        }.joined(separator: "  ")
    }.joined(separator: "\n")
}
