import ApusSystem

/// Curves over epochs on a logarithmic scale.
struct LineChart {
    /// A curve.
    struct Series {
        let name: String
        let points: [(x: Double, y: Double)]
        let color: Int
        var isDashed = false
    }

    let series: [Series]
    let yTitle: String
    var xTitle = "epoch"
    var height = 240.0
    /// An epoch that a line marks, such as that of the best model.
    var markedEpoch: Int?
    /// The most points of a curve and the most places with values to hover over.
    private static let resolution = 600

    /// The drawing with its legend; nil where there is nothing to draw.
    var drawing: [Markup]? {
        let drawn = series.filter { $0.points.contains { Self.isDrawable($0.y) } }
        guard !drawn.isEmpty else { return nil }
        let points = drawn.flatMap(\.points)
        let chart = Chart(
            x: AxisScale(points.map(\.x), isNice: false), y: AxisScale(logarithmic: points.map(\.y)), height: height)
        let curves = drawn.map { curve in
            Markup.element(
                "path",
                [
                    "class": "curve \(strokeClass(curve.color))", "d": path(of: curve.points, chart),
                    "stroke-dasharray": curve.isDashed ? "4 3" : "none",
                ])
        }
        // There is no half epoch.
        let ticks = chart.x.ticks.filter { $0.value == $0.value.rounded() }.map {
            (value: $0.value, text: "\(Int(saturating: $0.value))")
        }
        let drawing = chart.drawing(
            xTitle: xTitle, yTitle: yTitle, xTicks: ticks,
            (markedEpoch.map { [chart.verticalLine(at: Double($0))] } ?? []) + curves + hovering(drawn, chart))
        guard drawn.count > 1 else { return [drawing] }
        return [drawing, Chart.legend(drawn.map { ($0.name, $0.color, $0.isDashed) })]
    }

    private static func isDrawable(_ value: Double) -> Bool { value.isFinite && value > 0 }

    /// A line through the points, interrupted where there is none.
    private func path(of points: [(x: Double, y: Double)], _ chart: Chart) -> String {
        let every = max(1, points.count / Self.resolution)
        var path = ""
        var isConnected = false
        for (index, point) in points.enumerated() where index % every == 0 || index == points.count - 1 {
            guard Self.isDrawable(point.y) else {
                isConnected = false
                continue
            }
            let place = "\(coordinate(chart.x.position(point.x))) \(coordinate(chart.y.position(point.y)))"
            // A point alone is a short line.
            path += (isConnected ? "L" : "M") + place + (isConnected ? "" : "h.1")
            isConnected = true
        }
        return path
    }

    /// Columns that show the values of an epoch.
    private func hovering(_ drawn: [Series], _ chart: Chart) -> [Markup] {
        var texts: [Double: [String]] = [:]
        for curve in drawn {
            for point in curve.points {
                texts[point.x, default: []].append("\(curve.name): \(numberText(point.y, significantDigits: 4))")
            }
        }
        let places = texts.keys.sorted()
        let every = max(1, places.count / Self.resolution)
        let width = max(1, (chart.x.end - chart.x.start) / Double(max(1, places.count / every)))
        return stride(from: 0, to: places.count, by: every).map { index in
            let place = places[index]
            let title = "\(xTitle) \(numberText(place, significantDigits: 7).droppingZeroDecimals)"
            return .element(
                "rect",
                [
                    "class": "hover", "x": coordinate(chart.x.position(place) - width / 2),
                    "y": coordinate(chart.y.end), "width": coordinate(width),
                    "height": coordinate(chart.y.start - chart.y.end),
                ], [.element("title", [:], ([title] + (texts[place] ?? [])).joined(separator: "\n"))])
        }
    }
}

extension String {
    /// `12` of `12.000`.
    fileprivate var droppingZeroDecimals: String {
        let parts = split(separator: ".")
        return parts.count == 2 && parts[1].allSatisfy { $0 == "0" } ? String(parts[0]) : self
    }
}
