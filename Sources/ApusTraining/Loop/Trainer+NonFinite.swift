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

extension BatchLayout {
    /// Whether every row of every term of the loss is finite.
    func hasFiniteLoss(_ outputs: [ChunkOutputs]) -> Bool {
        outputs.allSatisfy { $0[properties.count...].allSatisfy { $0.allSatisfy(\.isFinite) } }
    }
}

/// Losses and gradients that are not finite: nothing changes, and the message names the record, the atom and the layer.
extension Trainer {
    /// Whether AdamW can square every element of the scaled gradient in the precision of training. Its second moments
    /// would be infinite otherwise, for good.
    func isUsable(norm: Double, scale: Double) -> Bool {
        let largest =
            settings.precision == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
        return norm.isFinite && norm * scale * (norm * scale) <= largest
    }

    /// Leaves out a batch, if that is allowed.
    ///
    /// - Throws: an `ApusError` that explains why training stops.
    func skip(
        _ batch: [Sample], _ chunks: [Range<Int>], _ outputs: [ChunkOutputs], norm: Double
    ) throws -> StepOutcome {
        let error = try explanation(batch, chunks, outputs, norm: norm)
        guard position.skips.inRun < settings.skippedBatches else { throw error }
        let number = position.skips.inRun + 1
        return .skipped("skipped batch \(number) of at most \(settings.skippedBatches): \(error)")
    }

    /// The error after a step whose result is too large for the precision.
    func parametersOverflow(_ batch: [Sample]) -> ApusError {
        ApusError(
            .divergence, place: stepName(position.steps),
            problem: "the step at the learning rate \(position.learningRate) made parameters infinite, after "
                + batch[0].name + others(batch) + memory(nil), remedy: "lower training.lr")
    }

    private func stepName(_ number: Int) -> String { "step \(number) (epoch \(position.epoch))" }

    private func others(_ batch: [Sample]) -> String {
        batch.count == 1 ? "" : " and \(batch.count - 1) more of the batch"
    }

    private func explanation(
        _ batch: [Sample], _ chunks: [Range<Int>], _ outputs: [ChunkOutputs], norm: Double
    ) throws -> ApusError {
        func error(_ problem: String, _ remedy: String, _ kind: ApusError.Kind = .divergence) -> ApusError {
            ApusError(kind, place: stepName(position.steps + 1), problem: problem, remedy: remedy)
        }
        if let problem = labelProblem(batch) { return error(problem, "correct or remove the configuration", .data) }
        let remedy = "lower training.lr, set training.gradient_clip_val, or correct or remove the configuration"
        // A system at a time, so that the message can name it.
        for sample in batch {
            let weight = 1 / Double(batch.count)
            guard let origin = try origin(sample, weight: weight) else { continue }
            let alone = try executor.run(chunks: 1, parameters: parameters) { [layout, cutoff, weights] _, chunk in
                try chunk.fill(with: [sample], cutoff: cutoff)
                layout.fill(&chunk, with: [sample], weights: weights.map { $0 * weight })
            }
            return error(problem(sample, origin, alone[0]) + memory(largest(batch, chunks, outputs)), remedy)
        }
        return error(
            "all numbers are finite, but the gradient of the loss of \(batch[0].name)\(others(batch)) has the norm "
                + "\(Float(norm)), whose square is too large for \(settings.precision)"
                + memory(largest(batch, chunks, outputs)), remedy)
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
        let weights = weights.map { $0 * weight }
        return try executor.firstNonFinite(parameters: parameters) { chunk in
            try chunk.fill(with: [sample], cutoff: cutoff)
            layout.fill(&chunk, with: [sample], weights: weights)
        }
    }

    private func problem(_ sample: Sample, _ origin: NonFiniteOrigin, _ outputs: ChunkOutputs) -> String {
        let atoms = layout.forceErrors(outputs, [sample])
        let worst = atoms.first { !$0.size.isFinite }.map { ", where the force on \($0.atomText) is not finite" } ?? ""
        switch origin {
        case .parameter(let name):
            return "the parameter '\(name)' is not finite, found at \(sample.name)\(worst)"
        case .operation(let label, let near):
            let place = near.map { "'\(label)' in or next to the layer '\(Self.layer(of: $0))'" } ?? "'\(label)'"
            let predictions = outputs[..<layout.properties.count]
            guard predictions.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
                return "the predictions for \(sample.name) are not finite, first in the operation \(place)\(worst)"
            }
            let what = layout.hasFiniteLoss([outputs]) ? "gradient of the loss" : "loss"
            return "all predictions are finite, but the \(what) of \(sample.name) is too large for "
                + "\(settings.precision), first in the operation \(place)"
        }
    }

    /// `interactions.0.filter.1` of `interactions.0.filter.1.weight`.
    private static func layer(of parameter: String) -> String {
        parameter.split(separator: ".").dropLast().joined(separator: ".")
    }

    /// The largest finite error of a force in a batch.
    private func largest(_ batch: [Sample], _ chunks: [Range<Int>], _ outputs: [ChunkOutputs]) -> ForceError? {
        zip(chunks, outputs).compactMap { layout.largestForceError($1, batch[$0]) }.max { $0.size < $1.size }
    }

    /// What is known about the largest error of a force.
    private func memory(_ present: ForceError?) -> String {
        let largest = [present, largestForceError].compactMap { $0 }.max { $0.size < $1.size }
        return largest.map { "; the largest finite error of a force so far is \($0.text(best.units.force))" } ?? ""
    }
}
