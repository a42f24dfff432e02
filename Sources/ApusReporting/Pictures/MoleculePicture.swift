import ApusChemistry

/// A molecule seen along the axis of its least spread, with arrows at the atoms.
struct MoleculePicture {
    let elements: [Element]
    /// Positions in Å.
    let positions: [SIMD3<Double>]
    /// A vector at each atom, such as the error of the force; empty for none.
    let arrows: [SIMD3<Double>]
    /// The unit of the arrows.
    let arrowUnit: String
    /// What a reader sees at an atom.
    let titles: [String]
    private static let size = (width: 320.0, height: 240.0)
    /// The length of the longest arrow in Å.
    private static let longestArrow = 1.3
    /// Atoms are drawn with this part of their covalent radius.
    private static let atomSize = 0.55

    /// Pairs of atoms that are closer than 1.25 times the sum of their covalent radii.
    static func bonds(_ elements: [Element], _ positions: [SIMD3<Double>]) -> [(Int, Int)] {
        elements.indices.flatMap { i in
            (0..<i).compactMap { j in
                let vector = positions[i] - positions[j]
                let limit = 1.25 * (elements[i].covalentRadius + elements[j].covalentRadius)
                return (vector * vector).sum() < limit * limit ? (j, i) : nil
            }
        }
    }

    /// The drawing.
    var drawing: Markup {
        let axes = PrincipalAxes(positions)
        let points = positions.map { axes.components($0 - axes.center) }
        // What is no number has no arrow; the texts say it.
        let finite = arrows.map { ($0 * $0).sum().isFinite ? $0 : .zero }
        let longest = finite.map { ($0 * $0).sum().squareRoot() }.max() ?? 0
        let vectors = longest > 0 ? finite.map { axes.components($0) * (Self.longestArrow / longest) } : []
        let ends = zip(points, vectors).map { $0 + $1 }
        let margin = 0.9
        let spanX = (points + ends).reduce(0.5) { max($0, abs($1.x)) } + margin
        let spanY = (points + ends).reduce(0.5) { max($0, abs($1.y)) } + margin
        let scale = min(Self.size.width / (2 * spanX), Self.size.height / (2 * spanY), 55)
        func x(_ point: SIMD3<Double>) -> Double { Self.size.width / 2 + scale * point.x }
        func y(_ point: SIMD3<Double>) -> Double { Self.size.height / 2 - scale * point.y }

        // What is farther away is drawn first.
        var parts: [(depth: Double, markup: Markup)] = []
        for (i, j) in Self.bonds(elements, positions) {
            parts.append(
                (
                    min(points[i].z, points[j].z) - 0.01,
                    .element(
                        "line",
                        [
                            "class": "bond", "x1": coordinate(x(points[i])), "y1": coordinate(y(points[i])),
                            "x2": coordinate(x(points[j])), "y2": coordinate(y(points[j])),
                            "stroke-width": coordinate(max(1.5, 0.16 * scale)),
                        ])
                ))
        }
        for (k, point) in points.enumerated() {
            parts.append(
                (
                    point.z,
                    .element(
                        "g", [:],
                        [
                            circle(x(point), y(point), radius(k) * scale, fill: elements[k].pictureColor),
                            .element(
                                "circle",
                                [
                                    "fill": "url(#shading)", "cx": coordinate(x(point)), "cy": coordinate(y(point)),
                                    "r": coordinate(radius(k) * scale),
                                ], [.element("title", [:], titles[k])]),
                        ])
                ))
        }
        let drawnArrows = zip(points, ends).compactMap { arrow(x($0), y($0), x($1), y($1)) }
        return .element(
            "svg",
            [
                "class": "chart", "viewBox": "0 0 \(coordinate(Self.size.width)) \(coordinate(Self.size.height))",
                "role": "img", "aria-label": "molecule of \(elements.count) atoms",
            ],
            parts.sorted { $0.depth < $1.depth }.map(\.markup) + drawnArrows
                + scaleBar(pixels: scale * Self.longestArrow, value: longest))
    }

    /// A bar that says how long an arrow of a round value is, given the length of the longest arrow and its value.
    private func scaleBar(pixels: Double, value: Double) -> [Markup] {
        guard value > 0, pixels > 0 else { return [] }
        let round = AxisScale.step(value, count: 2)
        let (left, base) = (10.0, Self.size.height - 8)
        let right = left + pixels * round / value
        return [
            .element(
                "path",
                [
                    "class": "arrow",
                    "d": "M\(coordinate(left)) \(coordinate(base))H\(coordinate(right))",
                ]),
            .element(
                "text", ["class": "label", "x": coordinate(right + 6), "y": coordinate(base + 4)],
                "\(AxisScale.text(1, step: round)) \(arrowUnit)"),
        ]
    }

    private func radius(_ atom: Int) -> Double { Self.atomSize * max(0.45, elements[atom].covalentRadius) }

    private func circle(_ x: Double, _ y: Double, _ radius: Double, fill: String) -> Markup {
        .element(
            "circle",
            ["class": "atom", "fill": fill, "cx": coordinate(x), "cy": coordinate(y), "r": coordinate(radius)])
    }

    /// A line with a head; too short ones are left out.
    private func arrow(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> Markup? {
        let (dx, dy) = (x1 - x0, y1 - y0)
        let length = (dx * dx + dy * dy).squareRoot()
        guard length > 2.5 else { return nil }
        let head = min(7, 0.5 * length) / length
        let (bx, by) = (x1 - head * dx, y1 - head * dy)
        let (sx, sy) = (-0.55 * head * dy, 0.55 * head * dx)
        return .element(
            "path",
            [
                "class": "arrow",
                "d": "M\(coordinate(x0)) \(coordinate(y0))L\(coordinate(x1)) \(coordinate(y1))"
                    + "M\(coordinate(bx + sx)) \(coordinate(by + sy))L\(coordinate(x1)) \(coordinate(y1))"
                    + "L\(coordinate(bx - sx)) \(coordinate(by - sy))",
            ])
    }

    /// Light from the upper left, for all pictures of a page.
    static let shading = Markup.element(
        "svg", ["width": "0", "height": "0", "style": "position:absolute", "aria-hidden": "true"],
        [
            .element(
                "radialGradient", ["id": "shading", "cx": "0.35", "cy": "0.3", "r": "0.75"],
                [
                    .element("stop", ["offset": "0", "stop-color": "#fff", "stop-opacity": "0.75"]),
                    .element("stop", ["offset": "0.45", "stop-color": "#fff", "stop-opacity": "0"]),
                    .element("stop", ["offset": "1", "stop-color": "#000", "stop-opacity": "0.35"]),
                ])
        ])
}

extension Element {
    /// The colour in which Corey, Pauling and Koltun's models and their successors show the element.
    var pictureColor: String {
        switch atomicNumber {
        case 1: "#f4f4f4"
        case 5: "#ffb0a0"
        case 6: "#5c6066"
        case 7: "#3f5fe0"
        case 8: "#e0261d"
        case 9: "#8fd14f"
        case 15: "#f08a24"
        case 16: "#e8c62a"
        case 17: "#2fbf3a"
        case 35: "#a3352a"
        case 53: "#7d2a9c"
        case 2, 10, 18, 36, 54, 86: "#7fdfe6"
        case 3, 11, 19, 37, 55, 87: "#8a4fd6"
        case 4, 12, 20, 38, 56, 88: "#3f8f3a"
        case 14: "#d6b48a"
        default: "#c98bb0"
        }
    }
}
