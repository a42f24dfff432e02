import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph

/// What became of a batch.
enum StepOutcome {
    /// The parameters have changed; the norm of the gradient is that before clipping.
    case taken(norm: Double)
    /// Numbers were not finite, and nothing has changed; a sentence says which and why.
    case skipped(String)
}

/// Losses and gradients that are not finite: nothing changes, and the message names the record, the atom and the layer.
extension Trainer {
    /// Whether AdamW can square every element of the scaled gradient in the precision of training. Its second moments
    /// would be infinite otherwise, for good.
    func isUsable(norm: Double, scale: Double) -> Bool {
        let largest =
            device.precision == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
        return norm.isFinite && norm * scale * (norm * scale) <= largest
    }

    /// Leaves out a batch, if that is allowed.
    ///
    /// - Throws: an `ApusError` that explains why training stops.
    func skip(_ batch: SampleBatch, norm: Double) throws -> StepOutcome {
        // The sums are no longer those of a batch.
        hasGradients = false
        let error = try explanation(batch, norm: norm)
        guard position.skips.inRun < settings.skippedBatches else { throw error }
        let number = position.skips.inRun + 1
        return .skipped("skipped batch \(number) of at most \(settings.skippedBatches): \(error)")
    }

    /// The error after a step whose result is too large for the precision.
    func parametersOverflow(_ batch: [Sample], rate: Double) -> ApusError {
        ApusError(
            .divergence, place: stepName(position.steps),
            problem: "the step at the learning rate \(rate) made parameters infinite, after "
                + batch[0].name + others(batch) + memory(nil), remedy: "lower training.lr")
    }

    private func stepName(_ number: Int) -> String { "step \(number) (epoch \(position.epoch))" }

    private func others(_ batch: [Sample]) -> String {
        batch.count == 1 ? "" : " and \(batch.count - 1) more of the batch"
    }

    private func explanation(_ values: SampleBatch, norm: Double) throws -> ApusError {
        let batch = values.samples
        func error(_ problem: String, _ remedy: String, _ kind: ApusError.Kind = .divergence) -> ApusError {
            ApusError(kind, place: stepName(position.steps + 1), problem: problem, remedy: remedy)
        }
        if let problem = labelProblem(batch) { return error(problem, "correct or remove the configuration", .data) }
        let remedy = "lower training.lr, set training.gradient_clip_val, or correct or remove the configuration"
        // A system at a time, so that the message can name it.
        for sample in batch {
            let weight = 1 / Double(batch.count)
            guard let origin = try origin(sample, weight: weight) else { continue }
            let alone = try SampleBatch(
                [sample], through: program, layout, weights: layout.withAuxiliary(weights).map { $0 * weight },
                parameters: parameters)
            return error(problem(alone, origin) + memory(values.largestForceError), remedy)
        }
        return error(
            "all numbers are finite, but the gradient of the loss of \(batch[0].name)\(others(batch)) has the norm "
                + "\(Float(norm)), whose square is too large for \(device.precision)"
                + memory(values.largestForceError), remedy)
    }

    /// What is wrong with the first label that is not finite.
    private func labelProblem(_ batch: [Sample]) -> String? {
        for sample in batch {
            for property in layout.labels {
                guard let values = sample.labels[property], let k = values.firstIndex(where: { !$0.isFinite }) else {
                    continue
                }
                let atom = k / property.components
                let place =
                    property.owner == .atom
                    ? " on atom \(atom) (\(sample.system.elements[atom]), counted from 0)" : ""
                return "the label \(property.name)\(place) of \(sample.name) is \(values[k]), not a finite number"
            }
        }
        return nil
    }

    private func origin(_ sample: Sample, weight: Double) throws -> NonFiniteOrigin? {
        let weights = layout.withAuxiliary(weights).map { $0 * weight }
        return try executor.firstNonFinite(parameters: parameters) { chunk in
            try program.encoding.fill(&chunk, with: [sample.system])
            layout.fill(&chunk, with: [sample], weights: weights)
        }
    }

    /// What a sample alone says about the origin of a number that is not finite.
    private func problem(_ alone: SampleBatch, _ origin: NonFiniteOrigin) -> String {
        let sample = alone.samples[0]
        let atoms = alone.forceErrors
        let worst = atoms.first { !$0.size.isFinite }.map { ", where the force on \($0.atomText) is not finite" } ?? ""
        switch origin {
        case .parameter(let name):
            return "the parameter '\(name)' is not finite, found at \(sample.name)\(worst)"
        case .operation(let label, let near):
            let place = near.map { "'\(label)' in or next to the layer '\(Self.layer(of: $0))'" } ?? "'\(label)'"
            guard alone.hasFinitePredictions else {
                return "the predictions for \(sample.name) are not finite, first in the operation \(place)\(worst)"
            }
            let what = alone.hasFiniteLoss ? "gradient of the loss" : "loss"
            return "all predictions are finite, but the \(what) of \(sample.name) is too large for "
                + "\(device.precision), first in the operation \(place)"
        }
    }

    /// `interactions.0.filter.1` of `interactions.0.filter.1.weight`.
    private static func layer(of parameter: String) -> String {
        parameter.split(separator: ".").dropLast().joined(separator: ".")
    }

    /// What is known about the largest error of a force.
    private func memory(_ present: ForceError?) -> String {
        let largest = [present, largestForceError].compactMap { $0 }.max { $0.size < $1.size }
        return largest.map { "; the largest finite error of a force so far is \($0.text(best.units.force))" } ?? ""
    }
}
