extension RunReport {
    /// The table of errors beside those of trivial predictions.
    var summary: Markup {
        .section(
            "Errors", note: [Self.baselineNote, subsetNote].compactMap { $0 }.joined(separator: " "), [table.markup])
    }

    private static let baselineNote =
        "The baseline is the mean absolute error of the trivial prediction: the mean energy per atom of the "
        + "training part after self-energies are taken off, no force, the training mean of everything else."

    /// The main errors of the last part, for who reads no further.
    var headline: [Markup] {
        guard let part = parts.last?.name else { return [] }
        let names = [("per_atom_energy", "energy per atom"), ("per_atom_force", "force")]
        let errors = names.compactMap { property, name -> String? in
            guard let row = table.rows.first(where: { $0.split == part && $0.property == property }) else { return nil }
            let baseline = row.baseline.map { " (trivial prediction \(numberText($0, significantDigits: 3)))" } ?? ""
            return "\(name) \(numberText(row.mae, significantDigits: 3)) \(row.unit)" + baseline
        }
        guard !errors.isEmpty else { return [] }
        return [.element("p", [:], "Mean absolute errors on the \(part) part: " + errors.joined(separator: ", ") + ".")]
    }

    /// Which parts were not predicted as a whole.
    private var subsetNote: String? {
        let cut = parts.filter { $0.configurations.count < $0.count }
        guard !cut.isEmpty else { return nil }
        let texts = cut.map { "\($0.configurations.count) of \($0.count) \($0.name) configurations" }
        return "Evenly spaced in the data, " + texts.joined(separator: " and ")
            + " were predicted for this report; all figures but the curves are of these."
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
            if let drawing = LineChart(series: series.compactMap { $0 }, yTitle: yTitle).drawing {
                charts.append((title, drawing))
            }
        }
        add("Loss", "loss", [series("train/loss", "training", 0), series("val/loss", "validation", 1)])
        add("Learning rate", "learning rate", [series("lr", "learning rate", 2)])
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
        return .section(
            "Training", note: "Training errors are means over an epoch, while the parameters still change.",
            charts.isEmpty ? [] : [.cards(charts)])
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

    /// Predictions over references.
    var parity: Markup {
        var cards: [(title: String, content: [Markup])] = []
        for (title, unit, values) in [
            ("Energy per atom", energyUnit, energies), ("Force components", forceUnit, forceComponents),
        ] {
            for (color, part) in parts.enumerated() {
                let pairs = values(part)
                let plot = ParityPlot(
                    references: pairs.map(\.reference), predictions: pairs.map(\.prediction), unit: unit, color: color)
                guard let drawing = plot.drawing else { continue }
                cards.append(("\(title), \(part.name), \(pairs.count) values", [drawing]))
            }
        }
        return .section(
            "Predictions and references",
            note:
                "Energies are per atom, without self-energies. More than \(ParityPlot.mostPoints) values are shown as "
                + "cells, shaded by the logarithm of their count.", cards.isEmpty ? [] : [.cards(cards)])
    }

    /// How errors are distributed.
    var histograms: Markup {
        let charts = [
            ("Energy per atom", energyUnit, energies), ("Force components", forceUnit, forceComponents),
        ].compactMap { title, unit, values -> (title: String, content: [Markup])? in
            let series = parts.enumerated().map { color, part in
                (name: part.name, values: values(part).map { $0.prediction - $0.reference }, color: color)
            }
            return HistogramChart(series: series, unit: unit).drawing.map { (title, $0) }
        }
        return .section(
            "Distribution of errors", note: "The outermost bins hold all that is beyond.",
            charts.isEmpty ? [] : [.cards(charts)])
    }

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

extension MetricsTable {
    /// The table for a page.
    var markup: Markup {
        func number(_ value: Double?) -> String { value.map { numberText($0, significantDigits: 4) } ?? "–" }
        return .table(
            ["part", "property", "unit", "MAE", "RMSE", "largest", "baseline MAE", "R²", "values"],
            rows.map { row in
                [
                    row.split, row.property, row.unit, number(row.mae), number(row.rmse), number(row.maximum),
                    number(row.baseline), number(row.determination.flatMap { $0.isFinite ? $0 : nil }), "\(row.count)",
                ]
            }, firstNumber: 3)
    }
}
