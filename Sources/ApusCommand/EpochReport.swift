import ApusChemistry
import ApusReporting
import ApusTraining

/// Shows the epochs of a run and writes them to `metrics.csv`.
struct EpochReport {
    let writer: MetricsWriter
    private var progress: ProgressDisplay
    private let units: UnitSystem
    private let usesForces: Bool

    init(_ settings: TrainingSettings, units: UnitSystem, folder: String, isQuiet: Bool) throws {
        self.units = units
        usesForces = settings.loss.usesForces
        progress = ProgressDisplay(epochs: settings.epochs, isQuiet: isQuiet)
        let names = Self.names(units, withForces: settings.loss.usesForces)
        writer = try MetricsWriter(folder: folder, columns: names.map { MetricsWriter.Column($0.name, unit: $0.unit) })
    }

    mutating func handle(_ event: TrainingEvent) throws {
        switch event {
        case .epochBegan(let epoch, let systems): progress.beginEpoch(epoch, molecules: systems)
        case .step(let systems, let loss):
            progress.advance(molecules: systems, values: [ReportedValue("loss", loss)])
        case .epochEnded(let summary):
            let values = values(of: summary)
            let shown = Set(["train/loss", "val/loss", "val/per_system_energy/mae", "val/per_atom_force/mae", "lr"])
            progress.endEpoch(values: values.filter { shown.contains($0.name) })
            try writer.append(epoch: summary.epoch, values)
        }
    }

    /// The columns with their units. A loss has no unit: it adds squares of energies and of forces.
    private static func names(_ units: UnitSystem, withForces: Bool) -> [(name: String, unit: String)] {
        let parts = ["train", "val"].flatMap { part in
            [("\(part)/loss", "")]
                + ["mae", "rmse"].flatMap { kind in
                    [
                        ("\(part)/per_system_energy/\(kind)", units.energy.symbol),
                        ("\(part)/per_atom_energy/\(kind)", units.energy.symbol),
                    ] + (withForces ? [("\(part)/per_atom_force/\(kind)", units.force.symbol)] : [])
                }
        }
        return parts + [
            ("lr", ""), ("grad_norm", ""), ("systems_per_second", "1/s"), ("time", "s"),
        ]
    }

    private func values(of summary: EpochSummary) -> [ReportedValue] {
        var numbers: [String: Double] = [
            "lr": summary.learningRate, "grad_norm": summary.gradientNorm,
            "systems_per_second": summary.systemsPerSecond, "time": summary.seconds, "train/loss": summary.trainingLoss,
        ]
        numbers["val/loss"] = summary.validationLoss
        for (part, errors) in [("train", summary.training as EvaluationErrors?), ("val", summary.validation)] {
            guard let errors else { continue }
            for (property, statistics) in [
                ("per_system_energy", errors.energy), ("per_atom_energy", errors.energyPerAtom),
                ("per_atom_force", errors.force),
            ] where statistics.count > 0 {
                numbers["\(part)/\(property)/mae"] = statistics.mae
                numbers["\(part)/\(property)/rmse"] = statistics.rmse
            }
        }
        return Self.names(units, withForces: usesForces).compactMap { name, unit in
            numbers[name].map { ReportedValue(name, $0, unit: unit) }
        }
    }
}
