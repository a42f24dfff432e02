/// Mean errors of groups, side by side for each part.
struct BarChart {
    /// A group, with a mean and the number of values behind it for each series; nil where it has none.
    struct Group: Equatable {
        let name: String
        let bars: [Bar?]
    }

    /// The mean of so many absolute errors.
    struct Bar: Equatable {
        let mean: Double
        let count: Int
    }

    let series: [(name: String, color: Int)]
    let groups: [Group]
    let xTitle: String
    let yTitle: String
    let unit: String

    /// The drawing with its legend; nil where there are no groups.
    var drawing: [Markup]? {
        let values = groups.flatMap { $0.bars.compactMap { $0?.mean } }
        guard !values.isEmpty else { return nil }
        let chart = Chart(
            x: AxisScale([-0.5, Double(groups.count) - 0.5], isNice: false), y: AxisScale([0] + values))
        let width = 0.8 / Double(series.count)
        var content: [Markup] = []
        for (k, group) in groups.enumerated() {
            for (s, bar) in group.bars.enumerated() {
                guard let bar, bar.mean.isFinite else { continue }
                let left = chart.x.position(Double(k) - 0.4 + width * Double(s))
                let right = chart.x.position(Double(k) - 0.4 + width * Double(s + 1))
                let top = chart.y.position(bar.mean)
                let title =
                    "\(group.name), \(series[s].name): \(numberText(bar.mean, significantDigits: 4)) \(unit)\n"
                    + counted(bar.count, "value")
                content.append(
                    .element(
                        "rect",
                        [
                            "class": fillClass(series[s].color), "x": coordinate(left), "y": coordinate(top),
                            "width": coordinate(max(0.5, right - left - 0.5)),
                            "height": coordinate(chart.y.start - top), "rx": "1",
                        ], [.element("title", [:], title)]))
            }
        }
        let every = max(1, groups.map { $0.name.count }.reduce(0, +) / 60)
        let ticks = groups.enumerated().filter { $0.offset % every == 0 }.map {
            (value: Double($0.offset), text: $0.element.name)
        }
        return [
            chart.drawing(xTitle: xTitle, yTitle: "\(yTitle) [\(unit)]", xTicks: ticks, hasColumns: false, content),
            Chart.legend(series.map { ($0.name, $0.color, false) }),
        ]
    }
}
