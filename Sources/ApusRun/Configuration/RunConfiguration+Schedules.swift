import ApusTraining

extension RunConfiguration.Training {
    /// How gradients change parameters.
    func makeOptimizer() -> any Optimizer {
        guard let type = optimizer.type as? any Optimizer.Type, let made = try? type.init(optimizer.values) else {
            fatalError("\(optimizer.name) is an optimiser without lengths")
        }
        return made
    }

    /// Sets optimiser, learning rate and clipping.
    func setOptimization(_ settings: inout TrainingSettings, stepsPerEpoch: (BatchSize) -> Int) {
        settings.learningRate = learningRate
        settings.optimizer = makeOptimizer()
        settings.weightDecay = weightDecay
        settings.averagingDecay = averaging.decay
        settings.stochasticAveraging = averaging.stochastic(epochs: epochs)
        if gradientClip > 0 {
            settings.gradientClip =
                switch clipping {
                case .norm: .norm(gradientClip)
                case .value: .value(gradientClip)
                }
        }
        settings.schedule = learningRateSchedule { stepsPerEpoch(settings.batchSize) }
        settings.scheduleInterval = schedule.interval
        settings.scheduleFrequency = schedule.frequency
        if schedule.name == .reduceOnPlateau {
            settings.plateau = (schedule.plateau, schedule.monitor.metric)
        }
        if schedule.warmUpLength > 0 {
            settings.warmUp = WarmUp(
                length: schedule.warmUpLength, startFactor: schedule.warmUpStart, interval: schedule.warmUpInterval)
        }
    }

    /// The curve of the learning rate, with all lengths in intervals; what a configuration must say was checked before.
    private func learningRateSchedule(stepsPerEpoch: () -> Int) -> any LearningRateSchedule {
        let momentum = schedule.cyclesMomentum ? schedule.momentumRange.low...schedule.momentumRange.high : nil
        /// How often a schedule goes on in so many epochs.
        func count(epochs: Int) -> Int {
            max(1, epochs * (schedule.interval == .step ? stepsPerEpoch() : 1) / schedule.frequency)
        }
        switch schedule.name {
        case .reduceOnPlateau, .constant: return ConstantRate()
        case .cosine:
            return CosineAnnealing(
                length: schedule.cosineLength ?? count(epochs: epochs), minimum: schedule.cosineMinimum)
        case .restarts:
            return CosineRestarts(
                length: schedule.restartLength ?? count(epochs: epochs), multiplier: schedule.restartMultiplier,
                minimum: schedule.cosineMinimum)
        case .oneCycle:
            var cycle = OneCycle(
                maximum: schedule.maximumLearningRate ?? learningRate,
                length: count(epochs: schedule.cycleEpochs ?? epochs))
            cycle.rise = schedule.rise
            cycle.strategy = schedule.strategy
            cycle.divisor = schedule.divisor
            cycle.finalDivisor = schedule.finalDivisor
            cycle.hasThreePhases = schedule.hasThreePhases
            cycle.momentum = momentum
            return cycle
        case .cyclic:
            let rise = schedule.epochsUp ?? 1
            let lowest = schedule.baseLearningRate ?? learningRate
            var cycle = CyclicRate(
                minimum: lowest, maximum: schedule.maximumLearningRate ?? lowest, rise: count(epochs: rise),
                fall: count(epochs: schedule.epochsDown ?? rise))
            cycle.mode = schedule.mode?.cycle ?? .triangular
            cycle.factor = schedule.gamma ?? 1
            cycle.momentum = momentum
            return cycle
        case .exponential: return ExponentialDecay(factor: schedule.gamma ?? 1)
        }
    }
}

extension RunConfiguration.Schedule {
    /// The reduction on a plateau.
    fileprivate var plateau: ReduceOnPlateau {
        var plateau = ReduceOnPlateau()
        plateau.factor = factor
        plateau.patience = patience
        plateau.threshold = threshold
        plateau.thresholdMode = thresholdMode
        plateau.cooldown = cooldown
        plateau.minimumRate = minimumLearningRate
        plateau.epsilon = epsilon
        plateau.maximizes = mode == .maximum
        return plateau
    }
}
