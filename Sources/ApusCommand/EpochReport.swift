import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// Shows the epochs of a run and writes them to the files of the run folder.
struct EpochReport {
    let writer: MetricsWriter
    /// Where TensorBoard finds the epochs; nil when it is not wanted.
    var tensorBoard: TensorBoardLog?
    /// Where outliers are written; nil when they are not looked for.
    private var outliers: OutlierLog?
    /// The parameters whose distributions TensorBoard shows beside those of their gradients and of errors; none for no
    /// distributions at all.
    var histograms: [ParameterDeclaration] = []
    private var progress: ProgressDisplay
    private let log: Log
    /// The files that could not be written, each of which is told about once.
    private var failed: Set<String> = []
    let units: UnitSystem
    private let loss: Loss
    private let metrics: [WatchedMetric]
    private let columns: [MetricsWriter.Column]
    private let shown: Set<String>

    init(
        _ settings: TrainingSettings, units: UnitSystem, elements: [Element], folder: String, keepingEpochs: Int,
        isQuiet: Bool, log: Log
    ) throws {
        self.log = log
        self.units = units
        loss = settings.loss
        progress = ProgressDisplay(epochs: settings.epochs, isQuiet: isQuiet)
        metrics = Self.metrics(settings, units: units, elements: elements)
        columns = Self.columns(metrics, settings, units: units)
        shown = Set(
            ["train/loss", "val/loss", "lr"] + (loss.properties + settings.reported).map { "val/\($0.target)/mae" })
        writer = try MetricsWriter(folder: folder, columns: columns, keepingEpochs: keepingEpochs)
        for notice in writer.notices { log.warning(notice) }
        if settings.reportFrequency != nil { outliers = try OutlierLog(folder: folder, keepingEpochs: keepingEpochs) }
    }

    /// Takes the progress bar away, so that other lines can be written.
    mutating func clearProgress() { progress.clear() }

    mutating func handle(_ event: TrainingEvent, of trainer: Trainer) {
        switch event {
        case .epochBegan(let epoch, let systems): progress.beginEpoch(epoch, molecules: systems)
        case .step(let systems, let loss):
            progress.advance(molecules: systems, values: [ReportedValue("loss", loss)])
        case .batchSkipped: progress.clear()
        case .epochEnded(let summary):
            let values = values(of: summary)
            progress.endEpoch(values: values.filter { shown.contains($0.name) })
            let writer = writer
            attempt { try writer.append(epoch: summary.epoch, values) }
            let unit = units.energy.symbol
            if let outliers { attempt { try Self.write(summary, to: outliers, unit: unit) } }
            guard let tensorBoard else { return }
            let isDetailed = !histograms.isEmpty && Self.hasHistograms(epoch: summary.epoch)
            let histograms = isDetailed ? distributions(trainer, summary) : []
            attempt { try tensorBoard.append(epoch: summary.epoch, values, histograms: histograms) }
        }
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
    private mutating func attempt(_ write: () throws -> Void) {
        do {
            try write()
        } catch {
            guard failed.insert((error as? ApusError)?.file ?? "").inserted else { return }
            clearProgress()
            log.warning("\(error) Training goes on without these lines.")
        }
    }

    private typealias WatchedMetric = (metric: Metric, unit: String)

    /// The metrics of a part with their units. A loss has no unit: it adds squares of energies and of forces.
    private static func metrics(
        _ settings: TrainingSettings, units: UnitSystem, elements: [Element]
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
            metrics += standardMeasures.map { (.errors(quantity, $0), $0.isError ? unit : "") }
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
