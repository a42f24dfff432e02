/// Several runs beside each other.
public struct ComparisonReport: Sendable {
    /// A run of the comparison.
    public struct Run: Sendable {
        /// The name.
        public let name: String
        /// The figures of the epochs.
        public let history: EpochHistory
        /// The final errors; empty where the run has not ended.
        public let table: MetricsTable
        /// The settings by key, as TOML writes them.
        public let settings: [String: String]

        /// The link to the report of the run; nil where there is none.
        public let report: String?
        /// The digest of the data; nil where it is unknown.
        public let data: String?
        /// The training time in seconds; nil where the run has not ended.
        public let seconds: Double?
        /// The number of parameters; nil where the run has not ended.
        public let parameters: Int?

        /// Joins what is compared of a run.
        public init(
            name: String, history: EpochHistory, table: MetricsTable, settings: [String: String],
            report: String? = nil, data: String? = nil, seconds: Double? = nil, parameters: Int? = nil
        ) {
            self.name = name
            self.history = history
            self.table = table
            self.settings = settings
            self.report = report
            self.data = data
            self.seconds = seconds
            self.parameters = parameters
        }
    }

    private let runs: [Run]

    /// Compares runs.
    public init(_ runs: [Run]) { self.runs = runs }

    /// The page as one HTML file; it shows nothing of others, but has links to the reports of the runs.
    public var html: String {
        let title = "Comparison of \(runs.count) runs"
        return HTMLDocument(
            title: title, content: [.element("h1", [:], title), overview, errors, curves, differences]
        ).text
    }

    /// Whether all runs were trained on the same data, as far as it is known.
    private var areComparable: Bool { Set(runs.compactMap(\.data)).count < 2 }

    private var overview: Markup {
        let rows = runs.map { run -> [Markup] in
            [
                run.report.map { .element("a", ["href": $0], run.name) } ?? .text(run.name),
                .text(run.parameters.map { "\($0)" } ?? "–"),
                .text(run.seconds.map { timeText($0) } ?? "–"),
                .text(run.data.map { String($0.prefix(12)) } ?? "–"),
            ]
        }
        let warning = Markup.element(
            "p", ["class": "warning"],
            "The runs were not trained on the same data or not with the same division: their errors cannot be compared."
        )
        return .section(
            "Runs",
            [
                .table(
                    ["run", "parameters", "training time", "digest of the data"], rows,
                    [.word, .number, .number, .word])
            ] + (areComparable ? [] : [warning]))
    }

    private var errors: Markup {
        var titles: [[String]] = []
        for row in runs.flatMap(\.table.rows) where !titles.contains([row.split, row.property, row.unit]) {
            titles.append([row.split, row.property, row.unit])
        }
        let order = ["training", "validation", "test"]
        titles = order.flatMap { part in titles.filter { $0[0] == part } } + titles.filter { !order.contains($0[0]) }
        let rows = titles.map { title -> [Markup] in
            let found = runs.map { run in run.table.rows.first { [$0.split, $0.property, $0.unit] == title } }
            func marked(_ value: (MetricsTable.Row) -> Double, _ row: MetricsTable.Row) -> Markup {
                let values = found.compactMap { $0.map(value) }.filter(\.isFinite)
                let text = numberText(value(row), significantDigits: 4)
                let isBest = areComparable && values.count > 1 && value(row) == values.min()
                return isBest ? .element("span", ["class": "best"], text) : .text(text)
            }
            return title.map(Markup.text)
                + found.map { row in
                    guard let row else { return .text("–") }
                    return .joined([marked(\.mae, row), .text(" / "), marked(\.rmse, row)])
                }
        }
        return .section(
            "Errors",
            note: "Each is MAE / RMSE\(areComparable ? "; the best of a line are marked" : ""). "
                + "A run that has not ended has none.",
            rows.isEmpty
                ? []
                : [
                    .table(
                        ["part", "property", "unit"] + runs.map(\.name), rows,
                        [.word, .word, .word] + runs.map { _ in .number })
                ])
    }

    private var curves: Markup {
        let names = Set(runs.flatMap { $0.history.errorNames }).sorted()
        let charts = (["loss"] + names.map { "\($0)/mae" } + ["lr"]).compactMap {
            metric -> (title: String, content: [Markup])? in
            let isRate = metric == "lr"
            let parts = isRate ? [("", "")] : [("val/", ""), ("train/", ", training")]
            var unit = ""
            let series = runs.enumerated().flatMap { color, run in
                parts.compactMap { prefix, suffix -> LineChart.Series? in
                    guard let column = run.history[prefix + metric] else { return nil }
                    unit = column.unit
                    return LineChart.Series(
                        name: run.name + suffix, points: column.points.map { (Double($0.epoch), $0.value) },
                        color: color, isDashed: prefix == "train/")
                }
            }
            let title = isRate ? "learning rate" : metric
            let chart = LineChart(series: series, yTitle: unit.isEmpty ? title : "\(title) [\(unit)]")
            return chart.drawing.map { (title, $0) }
        }
        return .section(
            "Training", note: "Solid lines are validation, dashed ones training.",
            charts.isEmpty ? [] : [.cards(charts)])
    }

    /// Keys that have not the same value in all runs.
    var differingKeys: [String] {
        Set(runs.flatMap { $0.settings.keys }).filter { key in Set(runs.map { $0.settings[key] }).count > 1 }.sorted()
    }

    private var differences: Markup {
        let rows = differingKeys.map { key in [key] + runs.map { $0.settings[key] ?? "–" } }
        let content: [Markup] =
            rows.isEmpty
            ? [.element("p", [:], "All keys have the same values.")]
            : [.table(["key"] + runs.map(\.name), rows, [.word] + runs.map { _ in .text })]
        return .section("Differing settings", content)
    }
}
