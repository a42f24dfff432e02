import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// Writes the figures of epochs to the files of the run folder, and tells them.
final class EpochRecorder {
    /// Where TensorBoard finds the epochs; nil when it is not wanted.
    let tensorBoard: TensorBoardLog?
    private let writer: MetricsWriter
    /// Where outliers are written; nil when they are not looked for.
    private let outliers: OutlierLog?
    /// The parameters whose distributions TensorBoard shows beside those of their gradients and of errors; none for no
    /// distributions at all.
    let histograms: [ParameterDeclaration]
    package let units: UnitSystem
    private let log: RunLog
    /// The files that could not be written, each of which is told about once.
    private var failed: Set<String> = []
    private let loss: Loss
    private let metrics: [WatchedMetric]
    private let columns: [MetricsWriter.Column]
    /// The names of the figures for people.
    private let shown: Set<String>

    /// Starts the files, or goes on with those of an earlier start.
    ///
    /// - Parameters:
    ///   - configuration: The text of the resolved configuration, which TensorBoard shows.
    ///   - epochs: So many epochs of the files are kept.
    /// - Throws: `ApusError` when a file cannot be written.
    init(
        _ run: TrainingRun, _ settings: TrainingSettings, _ model: EnergyModel, configuration: String,
        keepingEpochs epochs: Int
    ) throws {
        let folder = run.folder.path
        (log, units, loss) = (run.log, run.units, settings.loss)
        metrics = Self.metrics(
            settings, run.configuration.registry.measures, units: units, elements: run.data.selfEnergies.elements)
        columns = Self.columns(metrics, settings, units: units)
        shown = Set(
            ["train/loss", "val/loss", "lr"] + (loss.properties + settings.reported).map { "val/\($0.target)/mae" })
        writer = try MetricsWriter(folder: folder, columns: columns, keepingEpochs: epochs)
        for notice in writer.notices { run.log.warning(notice) }
        outliers = try settings.reportFrequency.map { _ in try OutlierLog(folder: folder, keepingEpochs: epochs) }
        let isShown = run.configuration.training.logger.name == .tensorBoard
        tensorBoard =
            isShown ? try TensorBoardLog(folder: folder, configuration: configuration, keepingEpochs: epochs) : nil
        histograms = isShown && settings.hasErrorHistograms ? model.declarations : []
    }

    /// Tells the figures of an epoch and writes them.
    package func record(_ summary: EpochSummary, of trainer: Trainer) {
        let values = values(of: summary)
        log.happened(.epochEnded(epoch: summary.epoch, values: values.filter { shown.contains($0.name) }))
        attempt { try writer.append(epoch: summary.epoch, values) }
        if let outliers { attempt { try Self.write(summary, to: outliers, unit: units.energy.symbol) } }
        guard let tensorBoard else { return }
        let isDetailed = !histograms.isEmpty && Self.hasHistograms(epoch: summary.epoch)
        let histograms = isDetailed ? distributions(trainer, summary) : []
        attempt { try tensorBoard.append(epoch: summary.epoch, values, histograms: histograms) }
    }

    /// Writes the final errors with what the run took.
    ///
    /// - Throws: `ApusError` when the file cannot be written.
    func writeResults(_ table: MetricsTable, of trainer: Trainer) throws {
        try writer.writeResults(
            table,
            run: [
                ReportedValue("training_time", trainer.progress.seconds, unit: "s"),
                ReportedValue("parameters", Double(trainer.parameterValues.count)),
            ])
    }

    /// The outliers of the parts that were asked for them and have energies.
    private static func write(_ summary: EpochSummary, to log: OutlierLog, unit: String) throws {
        for (part, errors) in [("training", summary.training as EvaluationErrors?), ("validation", summary.validation)]
        {
            guard let found = errors?.outliers, found.count > 0 else { continue }
            try log.append(
                epoch: summary.epoch, part: part, found.entries.map { ($0.name, $0.error) }, of: found.count,
                mean: found.mean, deviation: found.deviation, unit: unit)
        }
    }

    /// Every epoch to the hundredth, then every tenth to the thousandth, and so on: a long run does not fill the disk.
    static func hasHistograms(epoch: Int) -> Bool {
        var step = 1
        while epoch > 100 * step { step *= 10 }
        return epoch.isMultiple(of: step)
    }

    /// Writes to a log, without which training is as good: a full disk is told about once, and each epoch tries again.
    private func attempt(_ write: () throws -> Void) {
        do {
            try write()
        } catch {
            guard failed.insert((error as? ApusError)?.file ?? "").inserted else { return }
            log.warning("\(error) Training goes on without these lines.")
        }
    }

    private typealias WatchedMetric = (metric: Metric, unit: String)

    /// The metrics of a part with their units. A loss has no unit: it adds squares of energies and of forces.
    private static func metrics(
        _ settings: TrainingSettings, _ measures: [Metric.Measure], units: UnitSystem, elements: [Element]
    ) -> [WatchedMetric] {
        var quantities: [Metric.Quantity] = []
        for property in settings.loss.properties + settings.reported {
            quantities.append(.property(property))
            if property == .energy { quantities.append(.energyPerAtom) }
            guard property == .forces, elements.count > 1 else { continue }
            quantities += elements.map { .forces(on: $0) }
        }
        var metrics: [WatchedMetric] = [(.loss, "")]
        metrics += settings.loss.terms.map { (.component($0.name), $0.unit(in: units).symbol) }
        for quantity in quantities {
            let unit = units.unit(of: quantity.property).symbol
            metrics += measures.map { (.errors(quantity, $0), $0.isError ? unit : "") }
        }
        return metrics
    }

    private static func columns(
        _ metrics: [WatchedMetric], _ settings: TrainingSettings, units: UnitSystem
    ) -> [MetricsWriter.Column] {
        var columns: [MetricsWriter.Column] = []
        for part in ["train", "val"] {
            columns += metrics.map { .init("\(part)/\($0.metric)", unit: $0.unit) }
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
            for (metric, _) in metrics {
                // Where all references are equal there is no R².
                let value = errors.value(of: metric, loss)
                if let value, metric.isBetterSmaller || !value.isNaN { numbers["\(part)/\(metric)"] = value }
            }
        }
        // What training minimised, with the weights of the epoch.
        numbers["train/loss"] = summary.trainingLoss
        return columns.compactMap { column in
            numbers[column.name].map { ReportedValue(column.name, $0, unit: column.unit) }
        }
    }
}
