import ApusCPU
import ApusFiles
import ApusGraph
import ApusPotentials

/// What is decided and checked before the first step.
extension Trainer {
    /// Whether tables pay for batches like those of the first samples.
    static func tablesPay(
        _ model: EnergyModel, _ samples: Samples, _ settings: TrainingSettings, _ precision: Precision
    ) -> Bool {
        guard model.usesTables(in: precision) else { return false }
        let encoding = BatchEncoding(model)
        let some = samples.prefix(32)
        // Pairs that cannot be listed are reported when they are trained on.
        let pairs = some.reduce(0) { count, sample in
            count + ((try? encoding.sizes(of: [sample.system])[.pairs]) ?? 0)
        }
        let atoms = some.reduce(0) { $0 + $1.system.count }
        let systems = min(settings.batchSize.estimate(atomsPerSystem: atoms / some.count), samples.count)
        return model.trainsWithTables(in: precision, pairs: pairs * systems / some.count)
    }

    static func requireLabels(of samples: Samples, _ loss: Loss) throws {
        for missing in loss.properties {
            guard let position = samples.indices.first(where: { [isKnown = samples.hasLabel(missing)] in !isKnown($0) })
            else { continue }
            throw ApusError(
                .data, problem: "\(samples[position].name) has no \(missing.name), which the loss compares",
                remedy: "remove the component from training.loss_parameter or complete the data")
        }
    }

    /// A component whose labels are missing everywhere would train nothing.
    static func requireSomeLabels(of samples: Samples, _ loss: Loss) throws {
        for property in loss.properties where !samples.indices.contains(where: samples.hasLabel(property)) {
            throw ApusError(
                .data, problem: "no training configuration has the \(property.name), which the loss compares",
                remedy: "remove the component from training.loss_parameter or complete the data")
        }
    }

    /// The parameters that are not frozen, with decay and rate as their groups say.
    static func trainedSpans(
        _ declarations: [ParameterDeclaration], gradients: [Program.Span], decay: Double
    ) -> [TrainedSpan] {
        var offset = 0
        var gradients = gradients.makeIterator()
        return declarations.compactMap { declaration in
            defer { offset += declaration.count }
            guard declaration.group.isTrainable, let gradient = gradients.next() else { return nil }
            return TrainedSpan(
                offset: offset, gradientOffset: gradient.offset, count: declaration.count,
                decay: declaration.group.decays ? decay : 0, rateFactor: declaration.group.rateFactor)
        }
    }
}
