import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusSystem
import ApusTraining

/// Predicts the parts of a run with its best model and writes `report.html`.
package struct ReportWriter {
    package let folder: RecordedRun
    package let data: RunData
    /// So many configurations of a part, evenly spaced, are predicted at most, which bounds time and size.
    package static let mostConfigurations = 2000
    /// The same while training goes on.
    static let mostInTraining = 200
    /// The epoch after which training goes on; nil where it has ended, or is not known to go on.
    package var epoch: Int?
    private static let batchSize = 256

    /// Writes the report and returns it.
    @discardableResult
    package func write(to target: OutputTarget) throws -> RunReport {
        let report = try report()
        try target.write(Array(report.html.utf8))
        return report
    }

    private func report() throws -> RunReport {
        let file = try folder.model()
        let settings = folder.configuration.trainingSettings(units: file.model.units)
        let device = try folder.configuration.runtime.device
        let predictor = Predictor(file.model, on: device)
        let evaluator = Evaluator(file.model, properties: settings.loss.properties + settings.reported, on: device)
        let parameters = Numbers(file.model.parameters, on: device)
        var parts: [RunReport.Part] = []
        var rows: [MetricsTable.Row] = []
        let all = data.parts(for: file.model)
        let baseline = BaselineMeans(all[0].samples)
        for ((name, samples), positions) in zip(all, data.positions) where !samples.isEmpty {
            let most = epoch == nil ? Self.mostConfigurations : Self.mostInTraining
            let chosen = Self.chosen(samples.count, atMost: most)
            let subset = chosen.map { samples[$0] }
            rows += try evaluator.errors(on: subset, parameters: parameters).rows(
                name, file.model.units, Samples(subset), baseline: baseline,
                measures: folder.configuration.registry.measures)
            parts.append(
                RunReport.Part(
                    name: name, count: samples.count,
                    configurations: try predicted(subset, at: chosen.map { positions[$0] }, predictor)))
        }
        let units = file.model.units
        return RunReport(
            title: "Training run \(folder.name)", units: units, bestEpoch: file.provenance["epoch"]?.integer,
            table: MetricsTable(rows), history: try folder.history(), parts: parts,
            facts: try facts(file, settings, device), configuration: try folder.configurationText())
    }

    /// Positions of a part that are predicted: all, or evenly spaced ones.
    package static func chosen(_ count: Int, atMost most: Int = mostConfigurations) -> [Int] {
        guard count > most else { return Array(0..<count) }
        return (0..<most).map { $0 * count / most }
    }

    private func predicted(_ samples: [Sample], at positions: [Int], _ predictor: Predictor) throws
        -> [RunReport.Configuration]
    {
        let model = predictor.model
        let toAngstrom = try model.units.length.factor(to: .angstrom)
        var configurations: [RunReport.Configuration] = []
        for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
            let range = first..<min(first + Self.batchSize, samples.count)
            let predictions = try predictor.predict(samples[range].map(\.system))
            for (k, prediction) in zip(range, predictions) {
                let sample = samples[k]
                let (system, atoms) = (sample.system, Double(sample.system.count))
                let energy = sample.energy.map {
                    (reference: $0 / atoms, prediction: (prediction.energy - model.baseEnergy(of: system)) / atoms)
                }
                let forces = sample.labels[.forces].map { numbers in
                    (
                        reference: (0..<system.count).map {
                            SIMD3(numbers[3 * $0], numbers[3 * $0 + 1], numbers[3 * $0 + 2])
                        }, prediction: prediction.forces
                    )
                }
                let elements = system.numbers.map { Element.all[$0 - 1] }
                configurations.append(
                    RunReport.Configuration(
                        position: positions[k], name: sample.name, formula: system.formula, elements: elements,
                        positions: system.positions.map { $0 * toAngstrom }, energy: energy, forces: forces))
            }
        }
        return configurations
    }

    private func facts(_ file: ModelFile, _ settings: TrainingSettings, _ device: Device) throws
        -> [(name: String, value: String)]
    {
        let model = file.model
        var facts = [
            ("potential", "\(model.potential.name), \(model.parameters.count) parameters, \(file.precision)"),
            ("elements", model.elements.map(\.symbol).joined(separator: ", ")),
        ]
        if let epoch = file.provenance["epoch"]?.integer { facts.append(("best epoch", "\(epoch)")) }
        facts += try folder.record()?.facts ?? []
        facts.append(
            (
                "configurations",
                data.parts(for: model).map { "\($0.samples.count) \($0.name)" }.joined(separator: ", ")
            ))
        func text(_ value: Double, _ unit: String) -> String { "\(numberText(value, significantDigits: 4)) \(unit)" }
        if let epoch {
            facts.append(("training", "goes on after epoch \(epoch) of \(settings.epochs)"))
        } else if let seconds = try folder.results()?["run"]?["training_time"]?["value"]?.real {
            facts.append(("training time", text(seconds, "s")))
        }
        if let rates = try folder.history()["systems_per_second"]?.points.map(\.value).filter(\.isFinite),
            !rates.isEmpty
        {
            let mean = rates.reduce(0, +) / Double(rates.count)
            facts.append(("mean throughput of training", text(mean, "configurations/s")))
        }
        return facts + [
            ("model written by", file.program), ("report written by", Release.program),
            ("machine of the report", "\(processorName()), \(coreCount()) cores"),
            ("computed with", "\(device.threads) threads, \(device.instructionSet) kernels, \(device.precision)"),
            ("report made", localTime()),
        ]
    }
}
