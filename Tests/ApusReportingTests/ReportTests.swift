import ApusChemistry
import Testing

@testable import ApusReporting

@Suite struct ReportTests {
    private static let lines = """
        {"epoch":1,"train/loss":4,"val/loss":5,"lr":0.001,"val/per_atom_force/mae [eV/Å]":0.5,"val/per_atom_force/r2":null}
        {"epoch":2,"train/loss":2,"val/loss":3,"lr":0.001,"val/per_atom_force/mae [eV/Å]":0.25}
        {"epoch":3,"train/lo
        """

    /// Two configurations of water, the second with a force that is wrong by 3 eV/Å on hydrogen.
    private func report(_ title: String = "run <1> & \"more\"") throws -> RunReport {
        let elements = [try Element(symbol: "O"), try Element(symbol: "H"), try Element(symbol: "H")]
        func configuration(_ position: Int, error: Double) -> RunReport.Configuration {
            RunReport.Configuration(
                position: position, name: "water (<data>.extxyz, frame \(position))", formula: "H2O",
                elements: elements, positions: [.zero, SIMD3(0.96, 0, 0), SIMD3(-0.24, 0.93, 0)],
                energy: (reference: -1, prediction: -1 + error / 10),
                forces: (
                    reference: [.zero, SIMD3(1, 0, 0), .zero],
                    prediction: [.zero, SIMD3(1, error, 0), SIMD3(0, 0, 0)]
                ))
        }
        return RunReport(
            title: title, units: .electronvoltAngstrom, bestEpoch: 2,
            table: MetricsTable([
                .init(
                    split: "test", property: "per_atom_force", unit: "eV/Å", mae: 0.5, rmse: 0.6, meanSigned: -0.01,
                    maximum: 3,
                    baseline: 0.75, determination: .nan, count: 18)
            ]), history: EpochHistory(lines: Self.lines),
            parts: [
                .init(name: "training", count: 3000, configurations: [configuration(7, error: 0.1)]),
                .init(name: "test", count: 1, configurations: [configuration(9, error: -3)]),
            ], facts: [("machine", "A & B")], configuration: "[potential]\nname = \"</pre><script>\"\n")
    }

    @Test func thePageIsWellFormedAndStandsAlone() throws {
        for html in [try report().html, comparison().html] {
            try requireBalanced(html)
            for reference in ["http", "src=", "href=", "@import", "<script", "<link", "<iframe"] {
                #expect(!html.contains(reference), "\(reference)")
            }
            #expect(html.contains("prefers-color-scheme: dark"))
        }
    }

    @Test func thePageHasItsParts() throws {
        let html = try report().html
        for text in [
            "run &lt;1&gt; &amp; &quot;more&quot;", "&lt;/pre&gt;&lt;script&gt;", "0.7500", "1 of 3000 training",
            "test, index 9, water (&lt;data&gt;.extxyz, frame 9)", "largest force error 3.000 eV/Å",
            "<h3>H2O</h3>",
            "A &amp; B", "epoch 2\ntraining: 2.000\nvalidation: 3.000", "<h2>Distribution of errors</h2>",
        ] {
            #expect(html.contains(text), "\(text)")
        }
    }

    /// What most readers look for stands on top, in the units of the literature; a trivial prediction is 1.5 times worse.
    @Test func mainErrorsAreTiles() throws {
        var report = try report()
        #expect(report.tiles.source.contains("500 <small>meV/Å</small>"))
        #expect(report.tiles.source.contains("1.5 times below the trivial prediction"))
        report.units = .kilojoulePerMoleNanometer
        report.table = MetricsTable([
            .init(
                split: "test", property: "per_system_energy", unit: "kJ/mol", mae: 96.4853321, rmse: 100, maximum: 200,
                count: 1)
        ])
        // 96.485 kJ/mol are 1 eV.
        #expect(report.tiles.source.contains("1000 <small>meV</small>"), "\(report.tiles.source)")
        #expect(report.tiles.source.contains("96.5 kJ/mol"))
    }

    /// A model that is worse than the trivial prediction is said to be, and large errors have large units.
    @Test func largeErrorsAreTold() throws {
        var report = try report()
        func tiles(mae: Double, baseline: Double) -> String {
            report.table = MetricsTable(
                ["per_system_energy", "per_atom_energy"].map {
                    .init(
                        split: "test", property: $0, unit: "eV", mae: mae, rmse: mae, maximum: mae, baseline: baseline,
                        count: 1)
                })
            return report.tiles.source
        }
        let bad = tiles(mae: 610.373, baseline: 436)
        #expect(bad.contains("610 <small>eV</small>") && bad.contains("610 eV per atom"), "\(bad)")
        #expect(bad.contains("1.4 times above the trivial prediction"), "\(bad)")
        let equal = tiles(mae: 10, baseline: 9.9)
        #expect(equal.contains("<small>meV</small>") && equal.contains("as large as that of the trivial prediction"))
        #expect(counted(1, "value") == "1 value" && counted(2, "value") == "2 values")
    }

    /// The test part is open, the others and the configuration are folded.
    @Test func theMainPartComesFirst() throws {
        let html = try report().html
        let folded = try #require(html.ranges(of: "<details>").first).lowerBound
        let main = try #require(html.ranges(of: "Force components, test").first).lowerBound
        let other = try #require(html.ranges(of: "Force components, training").first).lowerBound
        #expect(main < folded && folded < other)
        let settings = try #require(html.ranges(of: "<summary>Configuration").first).lowerBound
        #expect(settings > other && html[settings...].contains("&lt;/pre&gt;&lt;script&gt;"))
        #expect(html[..<folded].contains("marks epoch 2"))
    }

    /// Formulas in the order of their errors; the only one of a part needs no table.
    @Test func errorsByFormula() throws {
        var report = try report()
        #expect(report.molecules(report.parts) == Markup(source: ""))
        let water = report.parts[1].configurations[0]
        let other = RunReport.Configuration(
            position: 0, name: "b", formula: "HO-", elements: water.elements, positions: water.positions,
            energy: (0, 2), forces: nil)
        report.parts[1] = .init(name: "test", count: 2, configurations: [other, water])
        let errors = report.errorsByFormula([report.parts[1]])
        // Of nine components of water one is wrong by 3.
        #expect(errors.map(\.formula) == ["H2O", "HO-"] && errors.map(\.count) == [1, 1])
        // −1.3 and −1 have rounding errors.
        #expect(abs((errors[0].energy ?? 0) - 0.3) < 1e-15 && errors[0].force == 3 / 9.0)
        #expect(errors[1].energy == 2 && errors[1].force == nil)
        #expect(report.molecules([report.parts[1]]).source.contains("HO-"))
    }

    @Test func errorsByGroup() throws {
        let report = try report()
        // Of 6 components of hydrogen one is wrong.
        let hydrogen = try #require(report.forcesByElement(report.parts).first { $0.name == "H" })
        #expect(hydrogen.bars.compactMap { $0?.mean } == [0.1 / 6, 0.5] && hydrogen.bars[0]?.count == 6)
        // Norms 0 and 1 are in steps of 0.1.
        #expect(report.forcesBySize(report.parts).map(\.name) == ["0–0.1", "1–1.1"])
        #expect(report.forcesBySize(report.parts).map { $0.bars[1]?.mean } == [0, 1])
        #expect(report.energiesByAtoms(report.parts).map(\.name) == ["3"])
        #expect(report.worstConfigurations(report.parts).map(\.configuration.position) == [9, 7])
    }

    /// A broken model must not look good.
    @Test func whatIsNoNumberIsWorst() throws {
        var report = try report()
        let good = report.parts[1].configurations[0]
        let bad = RunReport.Configuration(
            position: 1, name: "bad", formula: good.formula, elements: good.elements, positions: good.positions,
            energy: (0, .nan), forces: (good.forces!.reference, [.init(repeating: .nan), .zero, .zero]))
        report.parts.append(.init(name: "bad", count: 1, configurations: [bad]))
        #expect(report.worstConfigurations(report.parts).first?.part == "bad")
        try requireBalanced(report.html)
    }

    @Test func aRunWithoutForcesAndEpochs() throws {
        var report = try report()
        let configuration = report.parts[0].configurations[0]
        let energyOnly = RunReport.Configuration(
            position: 0, name: "a", formula: "H2O", elements: configuration.elements,
            positions: configuration.positions, energy: configuration.energy, forces: nil)
        report.parts = [.init(name: "training", count: 1, configurations: [energyOnly])]
        report.history = EpochHistory()
        try requireBalanced(report.html)
        #expect(!report.html.contains("Force components") && !report.html.contains("<h2>Training</h2>"))
        report.parts = []
        try requireBalanced(report.html)
    }

    @Test func historyOfEpochs() throws {
        let history = EpochHistory(lines: Self.lines)
        let errors = try #require(history["val/per_atom_force/mae"])
        #expect(
            errors.unit == "eV/Å" && errors.points.map(\.epoch) == [1, 2] && errors.points.map(\.value) == [0.5, 0.25])
        #expect(history["val/per_atom_force/r2"] == nil && history.errorNames == ["per_atom_force"])
    }

    private func comparison() -> ComparisonReport {
        ComparisonReport(
            [("a<b", "1e-3"), ("c", "2e-3")].map { name, rate in
                ComparisonReport.Run(
                    name: name, history: EpochHistory(lines: Self.lines),
                    table: MetricsTable(
                        name == "c"
                            ? []
                            : [
                                .init(
                                    split: "test", property: "energy", unit: "eV", mae: 1, rmse: 2, maximum: 3, count: 4
                                )
                            ]),
                    settings: ["training.lr": rate, "training.batch_size": "4"])
            })
    }

    @Test func comparisonOfRuns() {
        let comparison = comparison()
        #expect(comparison.differingKeys == ["training.lr"])
        let html = comparison.html
        #expect(html.contains("1.000 / 2.000") && html.contains("a&lt;b") && html.contains("2e-3"))
        #expect(!html.contains("batch_size"))
    }

    /// The smaller error of a line is marked, runs have links to their reports, and different data are said.
    @Test func comparedRunsAreJudged() throws {
        func run(_ name: String, mae: Double, data: String) -> ComparisonReport.Run {
            ComparisonReport.Run(
                name: name, history: EpochHistory(),
                table: MetricsTable([
                    .init(split: "test", property: "energy", unit: "eV", mae: mae, rmse: 5, maximum: 9, count: 4)
                ]), settings: [:], report: "\(name)/report.html", data: data, seconds: 61, parameters: 123)
        }
        let differing = ComparisonReport([run("a", mae: 1, data: "x1"), run("b", mae: 2, data: "x2")]).html
        #expect(!differing.contains("class=\"best\"") && !differing.contains("are marked"))
        #expect(differing.contains("1.000 / 5.000") && differing.contains("2.000 / 5.000"))
        #expect(differing.contains("2.000 / ") && differing.contains("<a href=\"b/report.html\">b</a>"))
        #expect(differing.contains("1:01") && differing.contains("123") && differing.contains("cannot be compared"))
        try requireBalanced(differing)
        let equal = ComparisonReport([run("a", mae: 1, data: "x"), run("b", mae: 2, data: "x")]).html
        #expect(!equal.contains("cannot be compared") && equal.contains("are marked"))
        #expect(equal.contains("<span class=\"best\">1.000</span> / <span class=\"best\">5.000</span>"))
    }

    /// Every tag is closed in turn, and every `&` begins a character.
    private func requireBalanced(_ html: String) throws {
        var open: [Substring] = []
        let body = html.drop { $0 != "\n" }
        for tag in body.matches(of: /<(\/?)([A-Za-z0-9]+)((?:\s+[A-Za-z0-9:-]+="[^"<]*")*)\s*(\/?)>/) {
            let (_, end, name, _, short) = tag.output
            if !short.isEmpty { continue }
            if end.isEmpty { open.append(name) } else { try #require(open.popLast() == name) }
        }
        #expect(open.isEmpty)
        let texts = body.replacing(/<[^<>]*>/, with: "").replacing(/:root.*\}/, with: "")
        #expect(!texts.contains("<"))
        #expect(body.matches(of: /&(?!amp;|lt;|gt;|quot;|#39;)/).isEmpty)
    }
}
