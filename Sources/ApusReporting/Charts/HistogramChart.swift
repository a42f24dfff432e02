import ApusSystem

/// How often errors of each size and sign occur, as a share of all in each part, beside a line at zero.
struct HistogramChart {
    let series: [(name: String, values: [Double], color: Int)]
    let unit: String
    static let binCount = 50

    /// Ends of the range: the largest of the distances from zero within which 99 % of a part's values are.
    var limit: Double {
        let limits = series.compactMap { entry -> Double? in
            let sizes = entry.values.filter(\.isFinite).map(abs).sorted()
            return sizes.isEmpty ? nil : sizes[min(sizes.count - 1, sizes.count * 99 / 100)]
        }
        let limit = limits.max() ?? 0
        return limit > 0 ? limit : 1
    }

    /// The share of values in each of ``binCount`` bins from −limit to limit; the outermost hold what is beyond.
    static func shares(_ values: [Double], limit: Double) -> [Double] {
        let finite = values.filter(\.isFinite)
        var counts = [Int](repeating: 0, count: binCount)
        for value in finite {
            let fraction = (max(-limit, min(limit, value)) + limit) / (2 * limit)
            counts[min(binCount - 1, Int(saturating: fraction * Double(binCount)))] += 1
        }
        return counts.map { Double($0) / Double(max(1, finite.count)) }
    }

    /// The mean signed error: a shift of all predictions shows here and in no other mean.
    private static func meanText(_ values: [Double]) -> String {
        let finite = values.filter(\.isFinite)
        return numberText(finite.reduce(0, +) / Double(max(1, finite.count)), significantDigits: 3)
    }

    /// The drawing with its legend; nil where there are no values.
    var drawing: [Markup]? {
        let drawn = series.filter { $0.values.contains(where: \.isFinite) }
        guard !drawn.isEmpty else { return nil }
        let limit = limit
        let shares = drawn.map { Self.shares($0.values, limit: limit) }
        let chart = Chart(
            x: AxisScale([-limit, limit], isNice: false), y: AxisScale([0] + shares.flatMap { $0.map { 100 * $0 } }))
        func edge(_ bin: Int) -> Double { -limit + 2 * limit * Double(bin) / Double(Self.binCount) }
        var content: [Markup] = []
        for (entry, shares) in zip(drawn, shares) {
            var outline = "M\(coordinate(chart.x.position(-limit))) \(coordinate(chart.y.position(0)))"
            for (bin, share) in shares.enumerated() {
                outline +=
                    "V\(coordinate(chart.y.position(100 * share)))H\(coordinate(chart.x.position(edge(bin + 1))))"
            }
            outline += "V\(coordinate(chart.y.position(0)))"
            content.append(.element("path", ["class": fillClass(entry.color), "fill-opacity": "0.12", "d": outline]))
            content.append(.element("path", ["class": "curve \(strokeClass(entry.color))", "d": outline]))
        }
        for bin in 0..<Self.binCount {
            let place =
                "\(numberText(edge(bin), significantDigits: 3)) to "
                + "\(numberText(edge(bin + 1), significantDigits: 3)) \(unit)"
            let lines = zip(drawn, shares).map { "\($0.name): \(numberText(100 * $1[bin], significantDigits: 3)) %" }
            content.append(
                .element(
                    "rect",
                    [
                        "class": "hover", "x": coordinate(chart.x.position(edge(bin))),
                        "y": coordinate(chart.y.end),
                        "width": coordinate((chart.x.end - chart.x.start) / Double(Self.binCount)),
                        "height": coordinate(chart.y.start - chart.y.end),
                    ], [.element("title", [:], ([place] + lines).joined(separator: "\n"))]))
        }
        content.append(chart.verticalLine(at: 0))
        return [
            chart.drawing(xTitle: "prediction − reference [\(unit)]", yTitle: "share of values [%]", content),
            Chart.legend(drawn.map { ("\($0.name), mean \(Self.meanText($0.values)) \(unit)", $0.color, false) }),
        ]
    }
}
