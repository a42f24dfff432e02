/// A page that needs nothing beside itself: no script, no picture, no font of another file.
struct HTMLDocument {
    let title: String
    let content: [Markup]

    /// The characters of the file.
    var text: String {
        let head = Markup.element(
            "head", [:],
            [
                .element("meta", ["charset": "utf-8"]),
                .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .element("title", [:], title),
                // A style sheet is no text to be escaped.
                .element("style", [:], [Markup(source: Self.style)]),
            ])
        let body = Markup.element("body", [:], [MoleculePicture.shading, .element("main", [:], content)])
        return "<!DOCTYPE html>\n" + Markup.element("html", ["lang": "en"], [head, body]).source + "\n"
    }

    /// Colours are those of Okabe and Ito, which colour-blind readers tell apart, a little lighter on dark ground.
    private static let style = """
        :root { color-scheme: light dark; --paper: #f6f7f9; --card: #ffffff; --ink: #1c2330; --muted: #667085;
          --rule: #e3e7ed; --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #a8508a; --c4: #b58900; --c5: #2f4fb5;
          --c6: #7a5230; --c7: #555f6e; }
        @media (prefers-color-scheme: dark) { :root { --paper: #12151b; --card: #1b2029; --ink: #e6e9ef;
          --muted: #98a2b3; --rule: #2d3441; --c0: #56b4e9; --c1: #f0863a; --c2: #2fc795; --c3: #d98bbd; --c4: #e3c04a;
          --c5: #8ea6ff; --c6: #c79a72; --c7: #b6bec9; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 60px; }
        h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 18px; margin: 36px 0 10px; }
        h3 { font-size: 14px; margin: 0 0 4px; overflow-wrap: anywhere; }
        p { margin: 4px 0 10px; max-width: 80ch; }
        a { color: var(--c0); }
        .tiles { display: grid; gap: 14px; margin: 16px 0 8px;
          grid-template-columns: repeat(auto-fit, minmax(min(210px, 100%), 1fr)); }
        .figure { font-size: 26px; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
        .figure small { font-size: 15px; font-weight: 400; color: var(--muted); }
        details { margin-top: 36px; }
        summary { font-size: 18px; font-weight: 700; cursor: pointer; margin-bottom: 10px; }
        .warning { border-left: 4px solid var(--c1); padding-left: 10px; }
        .best { font-weight: 700; color: var(--c2); }
        .note { color: var(--muted); font-size: 13px; }
        .entry { display: inline-block; margin-right: 14px; white-space: nowrap; }
        .grid { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); }
        @media (min-width: 700px) { .pairs { grid-template-columns: 1fr 1fr; } }
        .card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 14px;
          min-width: 0; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13.5px; width: 100%; }
        th, td { padding: 4px 12px 4px 0; text-align: left; border-bottom: 1px solid var(--rule);
          white-space: nowrap; }
        th { color: var(--muted); font-weight: 600; }
        .number { text-align: right; }
        td { vertical-align: top; }
        /* Long words break, but a column never becomes one letter wide. */
        .wide { white-space: normal; overflow-wrap: anywhere; min-width: 22ch; }
        pre { margin: 0; font: 12.5px/1.45 ui-monospace, Menlo, Consolas, monospace; overflow-x: auto; }
        svg.chart { display: block; width: 100%; max-width: 520px; height: auto; margin: 0 auto; }
        svg text { font-size: 11.5px; fill: var(--muted); }
        svg .label { fill: var(--ink); }
        .grid-line { stroke: var(--rule); stroke-width: 1; fill: none; }
        .axis { stroke: var(--muted); stroke-width: 1; fill: none; }
        .reference { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 4 3; fill: none; }
        .curve { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
        .points { fill: none; stroke-width: 3.4; stroke-linecap: round; }
        .hover { fill: var(--ink); fill-opacity: 0; }
        .hover:hover { fill-opacity: 0.09; }
        .bond { stroke: #8a93a1; stroke-linecap: round; }
        .atom { stroke: #3a4250; stroke-width: 0.6; }
        .arrow { stroke: var(--c1); stroke-width: 2.2; fill: none; stroke-linecap: round; stroke-linejoin: round; }
        .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); }
        .s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); } .s6 { stroke: var(--c6); } .s7 { stroke: var(--c7); }
        .f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
        .f4 { fill: var(--c4); } .f5 { fill: var(--c5); } .f6 { fill: var(--c6); } .f7 { fill: var(--c7); }
        @media (max-width: 600px) { main { padding: 18px 12px 40px; } h1 { font-size: 21px; } .card { padding: 10px; } }
        @media print { body { background: none; } .card { break-inside: avoid; } }
        """
}

extension Markup {
    /// A part of the page with its heading; an empty one is left out.
    static func section(_ title: String, note: String? = nil, _ content: [Markup]) -> Markup {
        guard !content.isEmpty else { return Markup(source: "") }
        let notes = note.map { [Markup.element("p", ["class": "note"], $0)] } ?? []
        return .element("section", [:], [.element("h2", [:], title)] + notes + content)
    }

    /// Drawings beside each other, as many as fit or two in a row.
    static func cards(_ cards: [(title: String, content: [Markup])], inPairs: Bool = false) -> Markup {
        .element(
            "div", ["class": inPairs ? "grid pairs" : "grid"],
            cards.map { .element("div", ["class": "card"], [.element("h3", [:], $0.title)] + $0.content) })
    }

    /// A part of the page that a reader opens; an empty one is left out.
    static func folded(_ title: String, _ content: [Markup]) -> Markup {
        guard content.contains(where: { !$0.source.isEmpty }) else { return Markup(source: "") }
        return .element("details", [:], [.element("summary", [:], title)] + content)
    }

    /// Main figures beside each other, each with its unit and a remark.
    static func tiles(_ tiles: [(title: String, value: String, unit: String, note: String)]) -> Markup {
        guard !tiles.isEmpty else { return Markup(source: "") }
        return .element(
            "div", ["class": "tiles"],
            tiles.map { tile in
                .element(
                    "div", ["class": "card"],
                    [
                        .element("h3", [:], tile.title),
                        .element(
                            "div", ["class": "figure"], [.text(tile.value + " "), .element("small", [:], tile.unit)]),
                        .element("div", ["class": "note"], tile.note),
                    ])
            })
    }

    /// What a column of a table holds: words, longer texts that may be broken, or numbers.
    enum Column { case word, text, number }

    /// A table that scrolls sideways where the page is narrow.
    static func table(_ header: [String], _ rows: [[Markup]], _ columns: [Column]) -> Markup {
        func line(_ cell: String, _ content: [Markup]) -> Markup {
            .element(
                "tr", [:],
                zip(content, columns).map { content, column in
                    switch column {
                    case .word: .element(cell, [:], [content])
                    case .text: .element(cell, ["class": "wide"], [content])
                    case .number: .element(cell, ["class": "number"], [content])
                    }
                })
        }
        let table = Markup.element(
            "table", [:],
            [
                .element("thead", [:], [line("th", header.map(Markup.text))]),
                .element("tbody", [:], rows.map { line("td", $0) }),
            ])
        return .element("div", ["class": "card scroll"], [table])
    }

    /// A table of plain texts.
    static func table(_ header: [String], _ rows: [[String]], _ columns: [Column]) -> Markup {
        table(header, rows.map { $0.map(Markup.text) }, columns)
    }
}
