import ApusFiles
import ApusTraining

extension ConfigurationDocument {
    /// No key is set that the chosen schedule or optimiser does not have.
    func checkOwners(_ configuration: RunConfiguration) throws {
        for key in keys where settings[key.path] != nil {
            guard let owner = key.owner, !owner.allows(configuration) else { continue }
            throw error(
                at: key.path,
                "\(key.path) belongs to \(owner.names.joined(separator: " and ")), but \(owner.key) is "
                    + "\"\(owner.current(configuration))\"", remedy: "remove the key")
        }
    }

    func checkOptimizer(_ training: RunConfiguration.Training) throws {
        let path = "training.optimizer."
        let optimizer = training.optimizer
        if let betas = optimizer["betas"]?.reals, betas.count != 2 {
            throw error(
                at: path + "betas", "\(path)betas has \(betas.count) numbers", remedy: "give two, such as [0.9, 0.999]")
        }
        guard !training.makeOptimizer().hasMomentum else { return }
        if optimizer["nesterov"]?.flag == true {
            throw error(
                at: path + "nesterov", "\(path)nesterov is true, but there is no momentum",
                remedy: "set \(path)momentum or remove nesterov")
        }
        if training.schedule.isCycle, training.schedule.cyclesMomentum {
            let key = "training.lr_scheduler.cycle_momentum"
            throw error(
                at: key, "\(key) is true, but the optimiser has no momentum",
                remedy: "set it to false or set \(path)momentum")
        }
    }

    func checkAveraging(_ averaging: RunConfiguration.Averaging) throws {
        let path = "training.stochastic_weight_averaging."
        if averaging.rate == nil {
            let keys = ["swa_epoch_start", "annealing_epoch", "annealing_strategy"].map { path + $0 }
            guard let key = keys.first(where: { settings[$0] != nil }) else { return }
            throw error(
                at: key, "\(key) has no effect, because \(path)swa_lrs is missing", remedy: "add it or remove the table"
            )
        }
        if averaging.decay != nil {
            throw error(
                at: "training.ema_decay", "training.ema_decay and \(path)swa_lrs are two averages of the parameters",
                remedy: "remove one")
        }
    }

    func checkSchedule(_ training: RunConfiguration.Training) throws {
        let path = "training.lr_scheduler."
        let schedule = training.schedule
        func refuse(_ keys: [String], _ problem: String, _ remedy: String) -> ApusError {
            error(atFirst: keys.map { path + $0 } + ["training.lr"], problem, remedy: remedy)
        }
        let needed: [(key: String, isMissing: Bool)] =
            switch schedule.name {
            case .restarts: [("T_0", schedule.restartLength == nil)]
            case .cyclic: [("max_lr", schedule.maximumLearningRate == nil), ("epochs_up", schedule.epochsUp == nil)]
            case .exponential: [("gamma", schedule.gamma == nil)]
            case .reduceOnPlateau, .cosine, .oneCycle, .constant: []
            }
        for (key, isMissing) in needed where isMissing {
            throw refuse(
                ["scheduler_name"], "\(path)\(key) is missing, which \(schedule.name.rawValue) needs",
                "add it to [training.lr_scheduler]")
        }
        let intervals: [ScheduleInterval] =
            schedule.name == .reduceOnPlateau ? [.epoch] : schedule.isCycle ? [.step] : [.step, .epoch]
        if !intervals.contains(schedule.interval) {
            throw refuse(
                ["interval"], "\(path)interval is \"\(schedule.interval.rawValue)\"",
                "write \"\(intervals[0].rawValue)\", \(schedule.name.rawValue) knows no other")
        }
        if let mode = schedule.mode, schedule.name != .constant, mode.isOfPlateau == (schedule.name == .cyclic) {
            let known = schedule.name == .cyclic ? ["triangular", "triangular2", "exp_range"] : ["min", "max"]
            throw refuse(
                ["mode"], "\(path)mode is \"\(mode.rawValue)\", which \(schedule.name.rawValue) does not know",
                "choose " + known.map { "\"\($0)\"" }.joined(separator: ", "))
        }
        for bound in schedule.bounds(learningRate: training.learningRate) where bound.low > bound.high {
            throw error(
                atFirst: [path + bound.key, bound.other],
                "\(path)\(bound.key) is \(bound.low) but \(bound.other) only \(bound.high)",
                remedy: "choose a smaller \(bound.key) or a larger \(bound.other.split(separator: ".").last ?? "")")
        }
        if schedule.name == .oneCycle, schedule.hasThreePhases, schedule.rise >= 0.5 {
            throw refuse(
                ["pct_start", "three_phase"],
                "\(path)pct_start is \(schedule.rise), which leaves nothing for the last of three phases",
                "choose less than 0.5")
        }
    }
}

extension RunConfiguration.Schedule {
    /// Whether the learning rate goes up and down, and momentum with it.
    var isCycle: Bool { name == .oneCycle || name == .cyclic }

    /// Pairs of keys the first of which is not larger than the second.
    fileprivate func bounds(learningRate: Double) -> [(key: String, low: Double, other: String, high: Double)] {
        let path = "training.lr_scheduler."
        let momentum = momentumRange
        switch name {
        case .reduceOnPlateau: return [("min_lr", minimumLearningRate, "training.lr", learningRate)]
        case .cosine, .restarts: return [("eta_min", cosineMinimum, "training.lr", learningRate)]
        case .oneCycle: return [("base_momentum", momentum.low, path + "max_momentum", momentum.high)]
        case .cyclic:
            let lowest = baseLearningRate ?? learningRate
            return [
                ("base_lr", lowest, path + "max_lr", maximumLearningRate ?? lowest),
                ("base_momentum", momentum.low, path + "max_momentum", momentum.high),
            ]
        case .exponential, .constant: return []
        }
    }

    /// Momentum at the top of a cycle and at its bottom.
    var momentumRange: (low: Double, high: Double) {
        let isCyclic = name == .cyclic
        return (baseMomentum ?? (isCyclic ? 0.8 : 0.85), maximumMomentum ?? (isCyclic ? 0.9 : 0.95))
    }
}
