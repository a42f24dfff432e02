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

        /// Joins what is compared of a run.
        public init(name: String, history: EpochHistory, table: MetricsTable, settings: [String: String]) {
            self.name = name
            self.history = history
            self.table = table
            self.settings = settings
        }
    }

    private let runs: [Run]

    /// Compares runs.
    public init(_ runs: [Run]) { self.runs = runs }

    /// The page as one HTML file that refers to no other.
    public var html: String {
        let title = "Comparison of \(runs.count) runs"
        return HTMLDocument(
            title: title, content: [.element("h1", [:], title), errors, curves, differences]
        ).text
    }

    private var errors: Markup {
        var titles: [[String]] = []
        for row in runs.flatMap(\.table.rows) where !titles.contains([row.split, row.property, row.unit]) {
            titles.append([row.split, row.property, row.unit])
        }
        let order = ["training", "validation", "test"]
        titles = order.flatMap { part in titles.filter { $0[0] == part } } + titles.filter { !order.contains($0[0]) }
        let rows = titles.map { title in
            title
                + runs.map { run in
                    let row = run.table.rows.first { [$0.split, $0.property, $0.unit] == title }
                    guard let row else { return "–" }
                    let numbers = [row.mae, row.rmse].map { numberText($0, significantDigits: 4) }
                    return numbers.joined(separator: " / ")
                }
        }
        return .section(
            "Errors", note: "Each is MAE / RMSE. A run that has not ended has none.",
            rows.isEmpty ? [] : [.table(["part", "property", "unit"] + runs.map(\.name), rows, firstNumber: 3)])
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
            : [.table(["key"] + runs.map(\.name), rows, firstNumber: .max)]
        return .section("Differing settings", content)
    }
}
