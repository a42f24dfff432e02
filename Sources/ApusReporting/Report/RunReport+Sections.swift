import ApusChemistry

extension RunReport {
    /// The table of errors of some parts beside those of trivial predictions.
    func errors(_ parts: [Part]) -> Markup {
        let rows = table.rows.filter { row in parts.contains { $0.name == row.split } }
        let name = parts.count == 1 ? ", \(parts[0].name)" : ""
        return .section(
            "Errors" + name,
            note:
                "Errors are prediction − reference. The baseline is the mean absolute error of the trivial prediction: "
                + "the mean energy per atom of the training part after self-energies are taken off, no force, the training mean of the rest.",
            rows.isEmpty ? [] : [MetricsTable(rows).markup])
    }

    /// The main errors of the main part, for who reads no further, in the units of the literature.
    var tiles: Markup {
        guard let part = mainPart else { return Markup(source: "") }
        let rows = table.rows.filter { $0.split == part.name }
        func row(_ property: String) -> MetricsTable.Row? { rows.first { $0.property == property } }
        var tiles: [(title: String, value: String, unit: String, note: String)] = []
        /// Thousandths of a unit, as in the literature, up to ten of it.
        func milli(_ value: Double, _ unit: String) -> (Double, String) {
            value > 10 ? (value, unit) : (1000 * value, "m" + unit)
        }
        func add(_ title: String, _ row: MetricsTable.Row?, _ unit: Unit, _ symbol: String, also other: String? = nil) {
            guard let row else { return }
            let toElectronvolts = try? unit.factor(to: symbol == "eV" ? .electronvolt : .electronvolt / .angstrom)
            let (value, shown) = toElectronvolts.map { milli($0 * row.mae, symbol) } ?? (row.mae, row.unit)
            let notes = [
                row.overTrivial, other,
                row.unit == "eV" || row.unit == "eV/Å"
                    ? nil : "\(numberText(row.mae, significantDigits: 3)) \(row.unit)",
            ]
            tiles.append(
                (
                    title, numberText(value, significantDigits: 3), shown,
                    notes.compactMap { $0 }.joined(separator: "; ")
                ))
        }
        let perAtom = row("per_atom_energy").flatMap { row in
            (try? units.energy.factor(to: .electronvolt)).map {
                let (value, unit) = milli($0 * row.mae, "eV")
                return "\(numberText(value, significantDigits: 3)) \(unit) per atom"
            }
        }
        add("Energy MAE, \(part.name)", row("per_system_energy"), units.energy, "eV", also: perAtom)
        add("Force MAE, \(part.name)", row("per_atom_force"), units.force, "eV/Å")
        let others = rows.filter {
            !$0.property.contains("/")
                && !["per_system_energy", "per_atom_energy", "per_atom_force"].contains($0.property)
        }
        for row in others.prefix(2) {
            tiles.append(
                (
                    "\(row.property) MAE, \(part.name)", numberText(row.mae, significantDigits: 3), row.unit,
                    row.overTrivial ?? ""
                ))
        }
        return .tiles(tiles)
    }

    /// Which parts were not predicted as a whole.
    var subset: Markup {
        let cut = parts.filter { $0.configurations.count < $0.count }
        guard !cut.isEmpty else { return Markup(source: "") }
        let texts = cut.map { "\($0.configurations.count) of \($0.count) \($0.name) configurations" }
        return .element(
            "p", ["class": "note"],
            "Evenly spaced in the data, " + texts.joined(separator: " and ")
                + " were predicted for this report; all figures but the curves are of these.")
    }

    /// Loss, errors and learning rate over the epochs.
    var curves: Markup {
        func series(_ name: String, _ label: String, _ color: Int, isDashed: Bool = false) -> LineChart.Series? {
            history[name].map { column in
                LineChart.Series(
                    name: label, points: column.points.map { (Double($0.epoch), $0.value) }, color: color,
                    isDashed: isDashed)
            }
        }
        var charts: [(title: String, content: [Markup])] = []
        func add(_ title: String, _ yTitle: String, _ series: [LineChart.Series?]) {
            let chart = LineChart(series: series.compactMap { $0 }, yTitle: yTitle, markedEpoch: markedEpoch)
            if let drawing = chart.drawing {
                charts.append((title, drawing))
            }
        }
        add("Loss", "loss", [series("train/loss", "training", 0), series("val/loss", "validation", 1)])
        for name in history.errorNames {
            let unit = (history["val/\(name)/mae"] ?? history["train/\(name)/mae"])?.unit ?? ""
            add(
                name, unit.isEmpty ? "error" : "error [\(unit)]",
                [
                    series("train/\(name)/mae", "training MAE", 0), series("val/\(name)/mae", "validation MAE", 1),
                    series("train/\(name)/rmse", "training RMSE", 0, isDashed: true),
                    series("val/\(name)/rmse", "validation RMSE", 1, isDashed: true),
                ])
        }
        add("Learning rate", "learning rate", [series("lr", "learning rate", 2)])
        add("Norm of the gradient", "norm, before clipping", [series("grad_norm", "norm of the gradient", 3)])
        add("Time", "training time [s]", [series("time", "training time", 4)])
        let mark = markedEpoch.map { " The dashed line marks epoch \($0), whose model was kept." } ?? ""
        return .section(
            "Training", note: "Training errors are means over an epoch, while the parameters still change." + mark,
            charts.isEmpty ? [] : [.cards(charts)])
    }

    /// The epoch of the model, where the curves hold it.
    private var markedEpoch: Int? {
        bestEpoch.flatMap { epoch in
            history["lr"]?.points.contains { $0.epoch == epoch } == true ? epoch : nil
        }
    }

    /// Predictions over references of a part as pictures, by name.
    func parityPictures(part name: String) -> [(name: String, picture: ParityPicture)] {
        guard let part = parts.first(where: { $0.name == name }) else { return [] }
        return [("per_atom_energy", energyUnit, energies(part)), ("per_atom_force", forceUnit, forceComponents(part))]
            .compactMap { name, unit, pairs in
                ParityPicture(
                    references: pairs.map(\.reference), predictions: pairs.map(\.prediction), unit: unit
                ).map { (name, $0) }
            }
    }

    /// Predictions and their errors over references.
    func agreement(_ parts: [Part]) -> Markup {
        var cards: [(title: String, content: [Markup])] = []
        for (title, unit, values) in [
            ("Energy per atom", energyUnit, energies), ("Force components", forceUnit, forceComponents),
        ] {
            for part in parts {
                let pairs = values(part)
                let plot = ParityPlot(
                    references: pairs.map(\.reference), predictions: pairs.map(\.prediction), unit: unit,
                    color: color(part))
                guard let drawing = plot.drawing, let residuals = plot.residuals else { continue }
                cards.append(("\(title), \(part.name), \(counted(pairs.count, "value"))", [drawing]))
                cards.append(("Errors of the same", [residuals]))
            }
        }
        return .section(
            "Predictions and references",
            note:
                "Energies are per atom, without self-energies. More than \(ParityPlot.mostPoints) values are shown as "
                + "cells, shaded by the logarithm of their count.", cards.isEmpty ? [] : [.cards(cards, inPairs: true)])
    }

    /// How errors are distributed.
    func histograms(_ parts: [Part]) -> Markup {
        let charts = [
            ("Energy per atom", energyUnit, energies), ("Force components", forceUnit, forceComponents),
        ].compactMap { title, unit, values -> (title: String, content: [Markup])? in
            let series = parts.map { part in
                (name: part.name, values: values(part).map { $0.prediction - $0.reference }, color: color(part))
            }
            return HistogramChart(series: series, unit: unit).drawing.map { (title, $0) }
        }
        return .section(
            "Distribution of errors", note: "The outermost bins hold all that is beyond.",
            charts.isEmpty ? [] : [.cards(charts, inPairs: true)])
    }

    /// A part keeps its colour in all drawings.
    func color(_ part: Part) -> Int { parts.firstIndex { $0.name == part.name } ?? 0 }

    typealias Pair = (reference: Double, prediction: Double)

    private func energies(_ part: Part) -> [Pair] { part.configurations.compactMap(\.energy) }

    private func forceComponents(_ part: Part) -> [Pair] {
        part.configurations.flatMap { configuration -> [Pair] in
            guard let forces = configuration.forces else { return [] }
            return zip(forces.reference, forces.prediction).flatMap { reference, prediction in
                (0..<3).map { (reference[$0], prediction[$0]) }
            }
        }
    }
}

extension MetricsTable.Row {
    /// The mean absolute error beside that of the trivial prediction, in words; nil where one is unknown or zero.
    fileprivate var overTrivial: String? {
        guard let baseline, baseline > 0, mae > 0, (baseline / mae).isFinite, (mae / baseline).isFinite else {
            return nil
        }
        let factor = numberText(max(baseline / mae, mae / baseline), significantDigits: 2)
        guard factor != "1.0" else { return "as large as that of the trivial prediction" }
        return "\(factor) times \(mae < baseline ? "below" : "above") the trivial prediction"
    }
}

/// A number of things, such as `1 value` and `2 values`.
func counted(_ count: Int, _ name: String) -> String { "\(count) \(name)\(count == 1 ? "" : "s")" }

extension MetricsTable {
    /// The table for a page; of one part alone, its name is left to the heading.
    var markup: Markup {
        func number(_ value: Double?) -> String { value.map { numberText($0, significantDigits: 4) } ?? "–" }
        let hasPart = Set(rows.map(\.split)).count > 1
        let further = furtherNames
        return .table(
            (hasPart ? ["part"] : []) + [
                "property", "unit", "MAE", "RMSE", "mean signed", "largest", "baseline MAE", "R²",
            ] + further + ["values"],
            rows.map { row in
                (hasPart ? [row.split] : []) + [
                    row.property, row.unit, number(row.mae), number(row.rmse), number(row.meanSigned),
                    number(row.maximum), number(row.baseline),
                    number(row.determination.flatMap { $0.isFinite ? $0 : nil }),
                ] + further.map { number(row.further[$0]) } + ["\(row.count)"]
            },
            [Markup.Column](repeating: .word, count: hasPart ? 3 : 2)
                + [Markup.Column](repeating: .number, count: 7 + further.count))
    }
}
