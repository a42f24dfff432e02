extension LearningRate {
    /// What changes during training.
    struct State: Sendable, Equatable, Encodable {
        /// The rate before the schedule, lowered on plateaus.
        var initial: Double
        /// Steps or epochs of warm-up done.
        var warmed = 0
        /// Steps or epochs done since.
        var count = 0
        /// The epochs of stochastic averaging that have ended, and the rate when they began; nil before.
        var annealing: Annealing?
        /// The schedule with its hyper-parameters.
        var rule: String
        /// What the schedule remembers of the metric.
        var memory: [String: Double] = [:]

        init(initial: Double, rule: String) { (self.initial, self.rule) = (initial, rule) }
    }

    /// A rate on its way to that of stochastic averaging.
    struct Annealing: Sendable, Equatable, Codable {
        let start: Double
        var count = 0
    }
}

extension LearningRate.State: Decodable {
    private enum Key: CodingKey { case initial, warmed, count, annealing, rule, memory, plateau }

    /// Reads the state of a checkpoint.
    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        initial = try members.decode(Double.self, forKey: .initial)
        warmed = try members.decode(Int.self, forKey: .warmed)
        count = try members.decode(Int.self, forKey: .count)
        annealing = try members.decodeIfPresent(LearningRate.Annealing.self, forKey: .annealing)
        rule = try members.decodeIfPresent(String.self, forKey: .rule) ?? ""
        memory = try members.decodeIfPresent([String: Double].self, forKey: .memory) ?? [:]
        // Checkpoints of version 0.1 keep a plateau as numbers of its own, and of other schedules nothing.
        if let plateau = try members.decodeIfPresent(EarlierPlateau.self, forKey: .plateau) {
            (rule, memory) = (plateau.schedule.rule, plateau.memory)
        }
    }
}

/// A plateau in checkpoints of version 0.1.
private struct EarlierPlateau: Decodable {
    struct Counts: Decodable {
        let best: Double?
        let badEpochs: Int
        let cooldownLeft: Int
    }

    let factor: Double
    let patience: Int
    let threshold: Double
    let thresholdMode: ReduceOnPlateau.ThresholdMode
    let cooldown: Int
    let minimumRate: Double
    let epsilon: Double
    let maximizes: Bool
    let counts: Counts

    var schedule: ReduceOnPlateau {
        var schedule = ReduceOnPlateau()
        (schedule.factor, schedule.patience, schedule.threshold) = (factor, patience, threshold)
        (schedule.thresholdMode, schedule.cooldown, schedule.minimumRate) = (thresholdMode, cooldown, minimumRate)
        (schedule.epsilon, schedule.mode) = (epsilon, maximizes ? .maximum : .minimum)
        return schedule
    }

    var memory: [String: Double] {
        var memory = [
            ReduceOnPlateau.Memory.badEpochs: Double(counts.badEpochs),
            ReduceOnPlateau.Memory.cooldown: Double(counts.cooldownLeft),
        ]
        memory[ReduceOnPlateau.Memory.best] = counts.best
        return memory
    }
}
