import ApusCPU
import ApusSystem

/// Epochs: their order, what is reported of them, and what decides about the best parameters.
extension Trainer {
    /// Trains until an end is reached; `best` then holds the result.
    ///
    /// - Parameters:
    ///   - isInterrupted: Asked after every step whether training should stop there, to go on from ``state`` later.
    ///   - report: Called with what happens; ``state`` is that after the event.
    /// - Throws: an `ApusError` when a loss or gradient is not finite, and what `report` throws.
    public func run(
        isInterrupted: () -> Bool = { false }, _ report: (TrainingEvent) throws -> Void
    ) throws -> TrainingEnd {
        let start = monotonicSeconds() - position.seconds
        while position.epoch <= settings.epochs {
            if hasStopped { return .earlyStopping }
            if isTimeUp { return .time }
            let epochStart = monotonicSeconds()
            let batches = beginEpoch()
            let systems = batches.reduce(0) { $0 + $1.count }
            try report(.epochBegan(position.epoch, systems: systems))
            let stream = BatchStream(training, batches: batches)
            var left = batches.count
            while let batch = try stream.next() {
                let outcome = try step(batch, &errors)
                left -= 1
                position.batches += 1
                position.samples += batch.count
                position.seconds = monotonicSeconds() - start
                switch outcome {
                case .taken(let norm): position.norms += norm
                case .skipped(let reason):
                    position.skips.add()
                    try report(.batchSkipped(reason))
                }
                try report(.step(systems: batch.count, loss: errors.total(settings.loss, epoch: position.epoch)))
                if isInterrupted() { return .interruption }
                // After the last step the epoch may as well end.
                if left > 0, isTimeUp { return .time }
            }
            let rate = Double(systems) / (monotonicSeconds() - epochStart)
            try report(.epochEnded(try endEpoch(systemsPerSecond: rate, since: start)))
        }
        return hasStopped ? .earlyStopping : .epochs
    }

    /// Whether early stopping has ended training.
    private var hasStopped: Bool { earlyStopping?.hasEnded == true && position.epoch > settings.minimumEpochs }

    private var isTimeUp: Bool { settings.maximumSeconds.map { position.seconds >= $0 } ?? false }

    /// The batches of the present epoch that are left, in its order.
    ///
    /// An epoch that goes on keeps its order, and the samples that are left are cut into batches of today's size.
    private func beginEpoch() -> [ArraySlice<Int>] {
        if position.batches == 0 {
            (position.learningRate, position.seed) = (learningRate.value, settings.seed)
            errors = EvaluationErrors(hasOutliers: settings.reports(after: position.epoch))
        }
        weights = settings.loss.weights(epoch: position.epoch)
        var order = Array(training.indices)
        var generator = SeededGenerator(seed: position.seed &+ UInt64(position.epoch) &* 0x9E37_79B9)
        generator.shuffle(&order)
        let batches = settings.batchSize.batches(
            Array(order.dropFirst(position.samples)), atomCount: training.atomCount)
        let limit = settings.trainingLimit?.count(of: settings.batchSize.stepCount(training))
        return Array(batches.prefix(limit.map { max(0, $0 - position.batches) } ?? .max))
    }

    /// Validates, keeps the parameters if they are the best, and moves the schedules to the next epoch.
    private func endEpoch(systemsPerSecond: Double, since start: Double) throws -> EpochSummary {
        let isAveraged = settings.stochasticAveraging.map { position.epoch >= $0.firstEpoch } ?? false
        if isAveraged, let average {
            position.averaged += 1
            average.approach(parameters, by: 1 / Double(position.averaged))
        }
        let result = keepsAverage ? average ?? parameters : parameters
        // Every epoch is judged as the model that would be kept.
        let correction = try refit?.correction(parameters: result)
        let validated =
            validation.isEmpty
            ? nil
            : try evaluator.errors(
                on: corrected(validation, by: correction), parameters: result,
                withHistograms: settings.hasErrorHistograms, withOutliers: settings.reports(after: position.epoch))
        let metric = { (metric: Metric) in (validated ?? self.errors).value(of: metric, self.settings.loss) ?? .nan }
        let monitored = metric(settings.monitor)
        let taken = position.batches - position.skips.inEpoch
        // Without a batch there are no errors, and a metric may look at a part of what the loss compares.
        let isBest =
            monitored < position.best?.metric ?? .infinity && (validated != nil || taken > 0)
            && (validated ?? errors).total(settings.loss).isFinite
        if isBest {
            position.best = TrainingState.Best(
                epoch: position.epoch, metric: monitored, validationLoss: validated?.total(settings.loss),
                correction: correction)
            keep(result.values)
        }
        position.seconds = monotonicSeconds() - start
        let summary = EpochSummary(
            epoch: position.epoch, training: errors, validation: validated,
            trainingLoss: errors.total(settings.loss, epoch: position.epoch),
            validationLoss: validated?.total(settings.loss), learningRate: position.learningRate,
            gradientNorm: position.norms / Double(max(taken, 1)), seconds: position.seconds,
            systemsPerSecond: systemsPerSecond, isBest: isBest)
        if isAveraged {
            learningRate.averagedEpochEnded()
        } else {
            learningRate.epochEnded(metric: settings.metricOfSchedule.map(metric))
        }
        if let monitor = earlyStopping?.monitor { _ = earlyStopping?.endsTraining(after: metric(monitor)) }
        position.epoch += 1
        (position.batches, position.samples, position.norms, errors) = (0, 0, 0, EvaluationErrors())
        position.skips.inEpoch = 0
        return summary
    }

    /// Makes parameters those of the best model, with the energies of atoms that go with them.
    func keep(_ parameters: [Double]) {
        best = initial
        best.parameters = parameters
        position.best?.correction?.apply(to: &best)
    }

    /// Samples as the model before corrections sees those that the corrected one is judged by.
    func corrected(_ samples: Samples, by correction: EnergyRefit.Correction?) -> Samples {
        switch correction {
        case .elements(let energies): samples.removing(energies)
        case .constant(let energy): samples.removing(initial.selfEnergies.mapValues { _ in energy })
        case nil: samples
        }
    }

    /// Whether the average of the parameters is what is validated and kept, which a stochastic one is once it has begun.
    private var keepsAverage: Bool { settings.averagingDecay != nil || position.averaged > 0 }
}
