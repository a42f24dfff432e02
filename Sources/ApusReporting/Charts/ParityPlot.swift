import ApusSystem

/// Predicted values, or their errors, over reference values: points, or shaded cells where there are many.
struct ParityPlot {
    let references: [Double]
    let predictions: [Double]
    let unit: String
    let color: Int
    /// Up to so many values are points.
    static let mostPoints = 2000
    private static let cells = 72
    /// Points of the largest errors that show their values.
    private static let labelledPoints = 15

    private var pairs: [(Double, Double)] {
        Array(zip(references, predictions).filter { $0.isFinite && $1.isFinite })
    }

    /// Predictions over references, with the diagonal; nil where there is nothing to draw.
    var drawing: Markup? {
        let pairs = pairs
        guard !pairs.isEmpty else { return nil }
        let scale = AxisScale(pairs.flatMap { [$0, $1] })
        let chart = Chart(x: scale, y: scale, width: 380, height: 360)
        let (low, high) = (scale.domain.lowerBound, scale.domain.upperBound)
        return drawing(pairs, chart, yTitle: "prediction", line: ((low, low), (high, high)))
    }

    /// Errors over references, with a line at zero; nil where there is nothing to draw.
    ///
    /// Errors of a percent do not show beside the diagonal.
    var residuals: Markup? {
        let pairs = pairs.map { ($0, $1 - $0) }
        guard !pairs.isEmpty else { return nil }
        let x = AxisScale(pairs.map(\.0))
        let chart = Chart(x: x, y: AxisScale(pairs.map(\.1) + [0]), width: 380, height: 360)
        let (low, high) = (x.domain.lowerBound, x.domain.upperBound)
        return drawing(pairs, chart, yTitle: "prediction − reference", line: ((low, 0), (high, 0)))
    }

    private func drawing(
        _ pairs: [(Double, Double)], _ chart: Chart, yTitle: String,
        line: (start: (Double, Double), end: (Double, Double))
    ) -> Markup {
        func place(_ point: (Double, Double)) -> String {
            "\(coordinate(chart.x.position(point.0))) \(coordinate(chart.y.position(point.1)))"
        }
        let ideal = Markup.element("path", ["class": "reference", "d": "M\(place(line.start))L\(place(line.end))"])
        let values = pairs.count <= Self.mostPoints ? points(pairs, chart) : density(pairs, chart)
        return chart.drawing(
            xTitle: "reference [\(unit)]", yTitle: "\(yTitle) [\(unit)]", values + [ideal] + labels(pairs, chart))
    }

    /// All points as one path.
    private func points(_ pairs: [(Double, Double)], _ chart: Chart) -> [Markup] {
        let path = pairs.map { "M\(coordinate(chart.x.position($0.0))) \(coordinate(chart.y.position($0.1)))h.1" }
        return [
            .element(
                "path",
                [
                    "class": "points \(strokeClass(color))", "stroke-opacity": pairs.count > 300 ? "0.45" : "0.85",
                    "d": path.joined(),
                ])
        ]
    }

    /// Cells of equal size, shaded by the logarithm of their count, a path for each power of two.
    private func density(_ pairs: [(Double, Double)], _ chart: Chart) -> [Markup] {
        let (width, height) = (chart.x.end - chart.x.start, chart.y.start - chart.y.end)
        let (dx, dy) = (width / Double(Self.cells), height / Double(Self.cells))
        var counts = [Int](repeating: 0, count: Self.cells * Self.cells)
        for (reference, prediction) in pairs {
            let column = min(
                Self.cells - 1, max(0, Int(saturating: (chart.x.position(reference) - chart.x.start) / dx)))
            let row = min(Self.cells - 1, max(0, Int(saturating: (chart.y.position(prediction) - chart.y.end) / dy)))
            counts[row * Self.cells + column] += 1
        }
        var paths: [Int: String] = [:]
        for (cell, count) in counts.enumerated() where count > 0 {
            let (x, y) = (Double(cell % Self.cells) * dx, Double(cell / Self.cells) * dy)
            paths[Int.bitWidth - 1 - count.leadingZeroBitCount, default: ""] +=
                "M\(coordinate(chart.x.start + x)) \(coordinate(chart.y.end + y))h\(coordinate(dx))v\(coordinate(dy))"
                + "h\(coordinate(-dx))z"
        }
        let deepest = max(1, paths.keys.max() ?? 1)
        return paths.sorted { $0.key < $1.key }.map { level, path in
            let opacity = 0.14 + 0.86 * Double(level) / Double(deepest)
            let title = level == 0 ? "1 value a cell" : "\(1 << level) to \((2 << level) - 1) values a cell"
            return .element(
                "path",
                [
                    "class": fillClass(color), "fill-opacity": numberText(opacity, significantDigits: 2), "d": path,
                ], [.element("title", [:], title)])
        }
    }

    /// The points of the largest errors, which show their values.
    private func labels(_ points: [(Double, Double)], _ chart: Chart) -> [Markup] {
        func text(_ value: Double) -> String { "\(numberText(value, significantDigits: 4)) \(unit)" }
        let worst = zip(pairs, points).sorted { abs($0.0.0 - $0.0.1) > abs($1.0.0 - $1.0.1) }
        return worst.prefix(Self.labelledPoints).map { pair, point in
            .element(
                "circle",
                [
                    "class": "hover", "cx": coordinate(chart.x.position(point.0)),
                    "cy": coordinate(chart.y.position(point.1)), "r": "5",
                ],
                [
                    .element(
                        "title", [:],
                        "reference \(text(pair.0))\nprediction \(text(pair.1))\nerror \(text(pair.1 - pair.0))")
                ])
        }
    }
}
