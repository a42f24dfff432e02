import ApusCPU
import ApusGraph

/// One step: pairs, energies, forces, loss, gradients and the change of the parameters.
extension Trainer {
    /// Makes a step on a batch.
    ///
    /// - Throws: an `ApusError` when numbers are not finite and no batch may be skipped any more.
    func step(_ batch: [Sample], _ errors: inout EvaluationErrors) throws -> StepOutcome {
        let batch = try SampleBatch(
            batch, through: program, layout, weights: layout.shares(weights, of: batch), parameters: parameters)
        hasGradients = true
        let norm = executor.sumOfSquares().squareRoot()
        let scaling = settings.gradientClip?.scaling(norm: norm) ?? GradientScaling()
        guard batch.hasFiniteLoss, isUsable(norm: norm, scale: scaling.factor) else {
            return try skip(batch, norm: norm)
        }
        executor.measuring(.errors) {
            batch.compare(into: &errors)
            let error = batch.largestForceError
            if let error, error.size > largestForceError?.size ?? 0 { largestForceError = error }
        }
        position.steps += 1
        let areFinite = settings.optimizer.step(
            executor, parameters, moments: moments, spans: spans,
            OptimizerStep(
                rate: learningRate.value, momentum: learningRate.momentum, gradients: scaling, number: position.steps))
        guard areFinite else { throw parametersOverflow(batch.samples) }
        learningRate.stepEnded()
        if let average, let decay = settings.averagingDecay {
            // The average follows fast at first, or it would remember the random start.
            average.approach(parameters, by: 1 - min(decay, Double(1 + position.steps) / Double(10 + position.steps)))
        }
        return .taken(norm: norm)
    }
}
