import ApusFiles
import ApusReporting
import ApusRun
import ApusSystem
import ApusTraining

extension DryRun {
    /// A table of the data, one of the costs, and the warnings.
    var text: String {
        let costs = aligned(costLines.map { [$0.name, $0.text] }, textColumns: 2)
        let found = findings.map { printable("\($0.severity == .note ? "note" : "warning"): \($0.message).") }
        return ([partTable, costs] + (found.isEmpty ? [] : [found.joined(separator: "\n")])).joined(separator: "\n\n")
    }

    private var partTable: String {
        func text(_ spread: PartCensus.Spread) -> String {
            let mean = numberText(spread.mean, significantDigits: 4)
            return "\(mean) (\(Int(saturating: spread.minimum)) to \(Int(saturating: spread.maximum)))"
        }
        let header = ["part", "configurations", "atoms each", "pairs each", "neighbours of an atom"]
        return aligned(
            [header]
                + parts.map {
                    [$0.part, String($0.configurations), text($0.atoms), text($0.pairs), text($0.neighbors)]
                }, textColumns: 1)
    }

    private var costLines: [(name: String, text: String)] {
        let memory = forecast.memory
        let radius = "\(numberText(cutoff, significantDigits: 4)) \(units.length.symbol)"
        func megabytes(_ bytes: Int) -> String { "\(numberText(1e-6 * Double(bytes), significantDigits: 3)) MB" }
        func giga(_ value: Double) -> String { numberText(1e-9 * value, significantDigits: 3) }
        var lines = [
            ("potential", "\(model.potential.name), cutoff \(radius)"),
            ("parameters", String(model.parameters.count)),
            ("computed with", device.description),
            ("filters", forecast.usesTables ? "looked up in tables" : "computed for every pair"),
            (
                "matrix products of a step",
                "\(giga(forecast.matrixOperations)) GFLOP, "
                    + "\(giga(forecast.matrixOperations / forecast.medianSeconds)) GFLOP/s"
            ),
            (
                "time of a step",
                "\(durationText(forecast.medianSeconds)), median of \(forecast.stepSeconds.count) steps "
                    + "(\(durationText(forecast.stepSeconds[0])) to \(durationText(forecast.stepSeconds.last!)))"
            ),
            (
                "time of an epoch",
                "\(durationText(forecast.epochSeconds)): \(forecast.stepsPerEpoch) steps"
                    + (forecast.validationSeconds > 0
                        ? " and \(durationText(forecast.validationSeconds)) of validation" : "")
            ),
            ("time of training", "\(durationText(trainingSeconds)) for \(settings.epochs) epochs" + limitText),
        ]
        lines += [
            ("memory", "\(megabytes(memory.total)) beside data and program, of which"),
            ("  parameters", megabytes(memory.parameters)),
            ("  optimiser moments", megabytes(memory.moments)),
            ("  gradients of all lanes", megabytes(memory.gradients)),
            ("  arenas", "\(memory.threads) threads, each up to \(megabytes(memory.arenaPerThread))"),
        ]
        return lines
    }

    /// Whether the time limit ends training first.
    private var limitText: String {
        guard let limit = settings.maximumSeconds, limit < trainingSeconds else { return "" }
        let epochs = Int(saturating: (limit / forecast.epochSeconds).rounded(.up))
        return "; training.maximum_time ends it after \(durationText(limit)), in epoch \(epochs) or so"
    }

    /// The same for programs.
    var json: JSONValue {
        func spread(_ spread: PartCensus.Spread) -> JSONValue {
            .object([
                "mean": .real(spread.mean), "min": .integer(Int(saturating: spread.minimum)),
                "max": .integer(Int(saturating: spread.maximum)),
            ])
        }
        func megabytes(_ bytes: Int) -> JSONValue { .real(1e-6 * Double(bytes)) }
        let energy = units.energy.symbol
        let memory = forecast.memory
        let data = parts.map { part in
            (
                part.part,
                JSONValue.object([
                    "configurations": .integer(part.configurations), "atoms": spread(part.atoms),
                    "pairs": spread(part.pairs), "neighbours": spread(part.neighbors),
                    "atoms_without_neighbours": .integer(part.lonelyAtoms),
                    "energy_per_atom_mean [\(energy)]": .real(part.energyPerAtom.mean),
                    "energy_per_atom_standard_deviation [\(energy)]": .real(part.energyPerAtom.deviation),
                ])
            )
        }
        return .object([
            "potential": .string(model.potential.name), "parameters": .integer(model.parameters.count),
            "cutoff [\(units.length.symbol)]": .real(cutoff), "precision": .string(device.precision.rawValue),
            "threads": .integer(device.threads), "isa": .string("\(device.instructionSet)"),
            "tables": .logical(forecast.usesTables), "parts": .object(Dictionary(uniqueKeysWithValues: data)),
            "epochs": .integer(settings.epochs), "steps_per_epoch": .integer(forecast.stepsPerEpoch),
            "matrix_products_of_step [GFLOP]": .real(1e-9 * forecast.matrixOperations),
            "steps": .integer(forecast.stepSeconds.count), "step_median [s]": .real(forecast.medianSeconds),
            "step_minimum [s]": .real(forecast.stepSeconds[0]), "step_maximum [s]": .real(forecast.stepSeconds.last!),
            "validation [s]": .real(forecast.validationSeconds), "epoch [s]": .real(forecast.epochSeconds),
            "training [s]": .real(trainingSeconds),
            "maximum_time [s]": settings.maximumSeconds.map { .real($0) } ?? .null,
            "memory [MB]": .object([
                "parameters": megabytes(memory.parameters), "moments": megabytes(memory.moments),
                "gradients": megabytes(memory.gradients), "arena_per_thread": megabytes(memory.arenaPerThread),
                "total": megabytes(memory.total),
            ]),
            "warnings": .array(
                findings.map {
                    .object([
                        "kind": .string($0.kind.rawValue), "severity": .string($0.severity.rawValue),
                        "message": .string($0.message),
                    ])
                }),
        ])
    }
}

/// Seconds in the unit that fits: `4.21 ms`, `37.0 s`, `12.4 min`, `3.10 h`.
private func durationText(_ seconds: Double) -> String {
    let (factor, unit) =
        seconds < 0.2 ? (1e3, "ms") : seconds < 120 ? (1, "s") : seconds < 7200 ? (1 / 60.0, "min") : (1 / 3600.0, "h")
    return "\(numberText(seconds * factor, significantDigits: 3)) \(unit)"
}
