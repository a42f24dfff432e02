import ApusChemistry
import ApusPotentials
import ApusReporting
import ApusTraining

/// Shows the epochs of a run and writes them to the files of the run folder.
struct EpochReport {
    let writer: MetricsWriter
    /// Where TensorBoard finds the epochs; nil when it is not wanted.
    var tensorBoard: TensorBoardLog?
    /// The parameters whose distributions TensorBoard shows beside those of their gradients and of errors; none for no
    /// distributions at all.
    var histograms: [ParameterDeclaration] = []
    private var progress: ProgressDisplay
    let units: UnitSystem
    private let loss: Loss
    private let columns: [MetricsWriter.Column]
    private let shown: Set<String>

    init(
        _ settings: TrainingSettings, units: UnitSystem, elements: [Element], folder: String, keepingEpochs: Int,
        isQuiet: Bool
    ) throws {
        self.units = units
        loss = settings.loss
        progress = ProgressDisplay(epochs: settings.epochs, isQuiet: isQuiet)
        columns = Self.columns(settings, units: units, elements: elements)
        shown = Set(
            ["train/loss", "val/loss", "lr"] + (loss.properties + settings.reported).map { "val/\($0.target)/mae" })
        writer = try MetricsWriter(folder: folder, columns: columns, keepingEpochs: keepingEpochs)
    }

    /// Takes the progress bar away, so that other lines can be written.
    mutating func clearProgress() { progress.clear() }

    mutating func handle(_ event: TrainingEvent, of trainer: Trainer) throws {
        switch event {
        case .epochBegan(let epoch, let systems): progress.beginEpoch(epoch, molecules: systems)
        case .step(let systems, let loss):
            progress.advance(molecules: systems, values: [ReportedValue("loss", loss)])
        case .batchSkipped: progress.clear()
        case .epochEnded(let summary):
            let values = values(of: summary)
            progress.endEpoch(values: values.filter { shown.contains($0.name) })
            try writer.append(epoch: summary.epoch, values)
            guard let tensorBoard else { return }
            let histograms = histograms.isEmpty ? [] : distributions(trainer, summary)
            try tensorBoard.append(epoch: summary.epoch, values, histograms: histograms)
        }
    }

    /// The columns with their units. A loss has no unit: it adds squares of energies and of forces.
    private static func columns(
        _ settings: TrainingSettings, units: UnitSystem, elements: [Element]
    ) -> [MetricsWriter.Column] {
        var errors: [(name: String, unit: Unit)] = []
        for property in settings.loss.properties + settings.reported {
            errors.append((property.target, units.unit(of: property)))
            if property == .energy { errors.append(("per_atom_energy", units.energy)) }
            guard property == .forces, elements.count > 1 else { continue }
            errors += elements.map { ("\(property.target)/\($0.symbol)", units.force) }
        }
        var columns: [MetricsWriter.Column] = []
        for part in ["train", "val"] {
            columns.append(.init("\(part)/loss"))
            for term in settings.loss.terms {
                columns.append(.init("\(part)/loss/\(term.name)", unit: term.unit(in: units).symbol))
            }
            for (name, unit) in errors {
                for kind in ["mae", "rmse", "max"] {
                    columns.append(.init("\(part)/\(name)/\(kind)", unit: unit.symbol))
                }
                columns.append(.init("\(part)/\(name)/r2"))
            }
        }
        columns += settings.loss.terms.map { .init("weight/\($0.name)") }
        return columns + [
            .init("lr"), .init("grad_norm"), .init("systems_per_second", unit: "1/s"), .init("time", unit: "s"),
        ]
    }

    private func values(of summary: EpochSummary) -> [ReportedValue] {
        var numbers: [String: Double] = [
            "lr": summary.learningRate, "grad_norm": summary.gradientNorm,
            "systems_per_second": summary.systemsPerSecond, "time": summary.seconds,
        ]
        for term in loss.terms { numbers["weight/\(term.name)"] = term.weight.weight(epoch: summary.epoch) }
        for (part, errors) in [("train", summary.training as EvaluationErrors?), ("val", summary.validation)] {
            guard let errors else { continue }
            for column in columns where column.name.hasPrefix(part + "/") {
                let value = errors.value(of: String(column.name.dropFirst(part.count + 1)), loss)
                // Where all references are equal there is no R².
                if let value, !(value.isNaN && column.name.hasSuffix("/r2")) { numbers[column.name] = value }
            }
        }
        // What training minimised, with the weights of the epoch.
        numbers["train/loss"] = summary.trainingLoss
        return columns.compactMap { column in
            numbers[column.name].map { ReportedValue(column.name, $0, unit: column.unit) }
        }
    }
}
