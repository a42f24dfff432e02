import ApusTraining

extension RunConfiguration {
    /// What of large gradients is limited.
    enum Clipping: String, Sendable, CaseIterable {
        case norm, value
    }

    /// How the learning rate changes.
    struct Schedule: Sendable, Equatable {
        /// The schedule with its hyper-parameters.
        package var chosen = ConfiguredType(ReduceOnPlateau.self)
        var interval = ScheduleInterval.epoch
        /// The number of intervals from one decision to the next.
        var frequency = 1
        /// What is watched by schedules that depend on a metric.
        var monitor = Metric.loss
        var warmUpLength = 0
        var warmUpStart = 1.0 / 3
        var warmUpInterval = ScheduleInterval.step

        /// The type of the schedule.
        var type: any LearningRateSchedule.Type {
            guard let type = chosen.type as? any LearningRateSchedule.Type else {
                fatalError("\(chosen.name) is no schedule")
            }
            return type
        }

        /// The schedule.
        func make() -> any LearningRateSchedule {
            guard let made = try? type.init(chosen.values) else {
                fatalError("\(chosen.name) is a schedule without lengths")
            }
            return made
        }
    }
}

extension RunConfiguration.Training {
    /// How gradients change parameters.
    func makeOptimizer() -> any Optimizer {
        guard let type = optimizer.type as? any Optimizer.Type, let made = try? type.init(optimizer.values) else {
            fatalError("\(optimizer.name) is an optimiser without lengths")
        }
        return made
    }

    /// Sets optimiser, learning rate and clipping.
    func setOptimization(_ settings: inout TrainingSettings) {
        settings.learningRate = learningRate
        settings.optimizer = makeOptimizer()
        settings.weightDecay = weightDecay
        settings.parameterRules =
            (frozenParameters ?? []).map { ParameterRule($0, .frozen) }
            + (rateFactors ?? []).map { ParameterRule($0.pattern, .rateFactor($0.factor)) }
        settings.averagingDecay = averaging.decay
        settings.stochasticAveraging = averaging.stochastic(epochs: epochs)
        if gradientClip > 0 {
            settings.gradientClip =
                switch clipping {
                case .norm: .norm(gradientClip)
                case .value: .value(gradientClip)
                }
        }
        settings.schedule = schedule.make()
        settings.scheduleInterval = schedule.interval
        settings.scheduleFrequency = schedule.frequency
        settings.scheduleMonitor = schedule.monitor.metric
        if schedule.warmUpLength > 0 {
            settings.warmUp = WarmUp(
                length: schedule.warmUpLength, startFactor: schedule.warmUpStart, interval: schedule.warmUpInterval)
        }
    }
}
