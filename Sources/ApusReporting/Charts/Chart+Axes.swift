/// A drawing area with two axes.
struct Chart {
    let x: AxisScale
    let y: AxisScale
    let width: Double
    let height: Double
    private let margins = (left: 58.0, right: 12.0, top: 8.0, bottom: 38.0)

    /// Places the scales in an area of some pixels.
    init(x: AxisScale, y: AxisScale, width: Double = 400, height: Double = 250) {
        (self.width, self.height) = (width, height)
        self.x = x.drawn(from: margins.left, to: width - margins.right)
        self.y = y.drawn(from: height - margins.bottom, to: margins.top)
    }

    /// Grid, marks and titles of the axes around what is drawn.
    func drawing(
        xTitle: String, yTitle: String, xTicks: [(value: Double, text: String)]? = nil, hasColumns: Bool = true,
        _ content: [Markup]
    ) -> Markup {
        let (left, right, top, bottom) = (x.start, x.end, y.end, y.start)
        var grid = ""
        var texts: [Markup] = []
        for tick in xTicks ?? x.ticks {
            let position = coordinate(x.position(tick.value))
            if hasColumns { grid += "M\(position) \(coordinate(top))V\(coordinate(bottom))" }
            texts.append(
                .element("text", ["x": position, "y": coordinate(bottom + 14), "text-anchor": "middle"], tick.text))
        }
        for tick in y.ticks {
            let position = y.position(tick.value)
            grid += "M\(coordinate(left)) \(coordinate(position))H\(coordinate(right))"
            texts.append(
                .element(
                    "text", ["x": coordinate(left - 5), "y": coordinate(position + 3.5), "text-anchor": "end"],
                    tick.text))
        }
        let middle = coordinate((top + bottom) / 2)
        texts += [
            .element(
                "text",
                [
                    "class": "label", "x": coordinate((left + right) / 2), "y": coordinate(height - 6),
                    "text-anchor": "middle",
                ], xTitle),
            .element(
                "text",
                [
                    "class": "label", "x": "12", "y": middle, "text-anchor": "middle",
                    "transform": "rotate(-90 12 \(middle))",
                ], yTitle),
        ]
        let frame = "M\(coordinate(left)) \(coordinate(top))V\(coordinate(bottom))H\(coordinate(right))"
        return .element(
            "svg",
            [
                "class": "chart", "viewBox": "0 0 \(coordinate(width)) \(coordinate(height))", "role": "img",
                "aria-label": "\(yTitle) over \(xTitle)",
            ],
            [.element("path", ["class": "grid-line", "d": grid])] + texts + content
                + [.element("path", ["class": "axis", "d": frame])])
    }

    /// A dashed line over the whole height.
    func verticalLine(at value: Double) -> Markup {
        let position = coordinate(x.position(value))
        return .element(
            "path", ["class": "reference", "d": "M\(position) \(coordinate(y.start))V\(coordinate(y.end))"])
    }

    /// Names beside the colours of what is drawn.
    static func legend(_ names: [(name: String, color: Int, isDashed: Bool)]) -> Markup {
        .element(
            "p", ["class": "note"],
            names.map { entry in
                let line = Markup.element(
                    "path",
                    [
                        "class": "curve \(strokeClass(entry.color))", "d": "M0 5H18",
                        "stroke-dasharray": entry.isDashed ? "4 3" : "none",
                    ])
                return .element(
                    "span", ["class": "entry"],
                    [
                        .element("svg", ["width": "18", "height": "10", "viewBox": "0 0 18 10"], [line]),
                        .text(" \(entry.name)"),
                    ])
            })
    }
}

/// The class of lines in a colour; after eight colours the first follows.
func strokeClass(_ color: Int) -> String { "s\(color % 8)" }

/// The class of areas in a colour.
func fillClass(_ color: Int) -> String { "f\(color % 8)" }
