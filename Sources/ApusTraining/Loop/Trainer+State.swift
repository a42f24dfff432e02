import ApusCPU
import ApusSystem

/// What training goes on from later.
extension Trainer {
    /// Where training is.
    public var progress: TrainingState.Progress {
        var progress = position
        (progress.schedule, progress.errors) = (learningRate.state, errors)
        (progress.earlyStopping, progress.criteria) = (earlyStopping?.counts, criteria)
        return progress
    }

    /// What training goes on from.
    public var state: TrainingState {
        TrainingState(
            progress: progress, parameters: parameters.values,
            moments: .init(uniqueKeysWithValues: zip(settings.optimizer.momentNames, moments.map(\.values))),
            average: average?.values, best: best.parameters)
    }

    /// Goes on from an earlier state of the same model on the same data; settings that have changed since are followed.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - initialRate: The learning rate before schedules, where it is not that of the state.
    /// - Returns: What changed settings mean for the schedule of the learning rate and for the best value so far.
    /// - Precondition: The model has as many parameters as the state, and the optimiser remembers what the state holds.
    /// - Throws: an `ApusError` when the best model so far cannot be judged anew.
    @discardableResult
    public func restore(_ state: TrainingState, learningRate initialRate: Double? = nil) throws -> String? {
        require(state.parameters.count == parameters.count, "the state is of another model")
        require(
            Set(state.moments.keys) == Set(settings.optimizer.momentNames), "the state is of another optimiser")
        position = state.progress
        errors = position.errors
        let (earlier, criteria) = (position.criteria, criteria)
        let hasOtherSchedule = !position.schedule.rule.isEmpty && position.schedule.rule != learningRate.state.rule
        learningRate.go(onFrom: position.schedule, isComparable: earlier.plateau == criteria.plateau)
        if let initialRate {
            learningRate.state.initial = initialRate
            position.learningRate = learningRate.value
        }
        if let counts = position.earlyStopping, earlier.earlyStopping == criteria.earlyStopping {
            earlyStopping?.counts = counts
        }
        parameters.set(state.parameters)
        for (name, moment) in zip(settings.optimizer.momentNames, moments) {
            moment.set(state.moments[name] ?? [])
        }
        average?.set(state.average ?? state.parameters)
        if position.epoch <= settings.stochasticAveraging?.firstEpoch ?? .max {
            (position.averaged, learningRate.state.annealing) = (0, nil)
        }
        keep(state.best)
        let notices = [
            hasOtherSchedule
                ? "the schedule of the learning rate has changed and counts from the beginning of the run: the next step has "
                    + "the rate \(shortNumber(learningRate.value))" : nil,
            earlier.best == criteria.best ? nil : try judgeAnew(),
        ].compactMap { $0 }
        return notices.isEmpty ? nil : notices.joined(separator: "; ")
    }

    /// Gives the best model so far the value that it has by the present metric and loss; without a validation part
    /// there is none, and the next epoch is the first to be compared.
    private func judgeAnew() throws -> String? {
        guard let earlier = position.best else { return nil }
        position.best = nil
        let beginning = "the metric, the loss or the validation part has changed: "
        guard !validation.isEmpty else { return beginning + "the next epoch is the first that counts as the best" }
        let errors = try evaluator.errors(
            on: corrected(validation, by: earlier.correction),
            parameters: Numbers(best.parameters, on: device))
        guard let value = errors.value(of: settings.monitor, settings.loss), value.isFinite else { return nil }
        position.best = TrainingState.Best(
            epoch: earlier.epoch, metric: value, validationLoss: errors.total(settings.loss),
            correction: earlier.correction)
        return beginning + "later epochs are compared with the \(settings.monitor) that the best model so far, "
            + "of epoch \(earlier.epoch), has now, \(Float(value))"
    }

    private var criteria: TrainingState.Criteria {
        let systems = validation.isEmpty ? training.count : validation.count
        func text(_ metric: Metric) -> String { settings.criterion(metric, systems: systems) }
        return TrainingState.Criteria(
            best: text(settings.monitor), earlyStopping: earlyStopping.map { text($0.monitor) },
            plateau: settings.metricOfSchedule.map(text))
    }
}
