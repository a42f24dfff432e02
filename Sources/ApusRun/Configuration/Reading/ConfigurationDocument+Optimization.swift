import ApusFiles
import ApusPotentials
import ApusTraining

extension ConfigurationDocument {
    /// No key is set that the chosen schedule or optimiser does not have.
    func checkOwners(_ configuration: RunConfiguration) throws {
        for key in keys where settings[key.path] != nil {
            guard let owner = key.owner, !owner.allows(configuration) else { continue }
            let current = owner.current(configuration)
            throw error(
                at: key.path,
                "\(key.path) belongs to \(owner.names.joined(separator: " and ")), but \(owner.key) is \"\(current)\"",
                remedy: "remove the key" + Self.replacement(of: owner.key, configuration))
        }
    }

    /// How the command line replaces a whole table, for a key that names what the other keys of its table are of.
    private static func replacement(of key: String, _ configuration: RunConfiguration) -> String {
        let tables: [(table: String, name: String, type: any Configurable.Type)] = [
            ("training.lr_scheduler", "scheduler_name", configuration.training.schedule.type),
            ("training.optimizer", "name", configuration.training.optimizer.type),
        ]
        guard let (table, name, type) = tables.first(where: { "\($0.table).\($0.name)" == key }) else { return "" }
        let needed = type.keys.filter { $0.standard == .needed }.map { "\($0.name)=…" }
        let members = (["\(name)=\"\(type.name)\""] + needed).joined(separator: ", ")
        return ", or replace the table with --set '\(table)={\(members)}'"
    }

    /// What is chosen of a type fits together, and nothing that it needs is missing.
    private func checkChoice(_ chosen: ConfiguredType, in table: String, named key: String) throws {
        for needed in chosen.type.keys where needed.standard == .needed && chosen[needed.name] == nil {
            throw error(
                atFirst: [table + key, "potential.potential_name"],
                "\(table)\(needed.name) is missing, which \(chosen.name) needs",
                remedy: "add it to [\(table.dropLast())]")
        }
        try refuse((try? chosen.type.init(chosen.values))?.conflict, in: table)
    }

    /// Refuses keys that do not fit together.
    private func refuse(_ conflict: KeyConflict?, in table: String) throws {
        guard let conflict else { return }
        throw error(
            atFirst: conflict.keys.flatMap { [table + $0, $0] }, table + conflict.problem, remedy: conflict.remedy)
    }

    /// The hyper-parameters of the potential.
    func checkPotential(_ potential: RunConfiguration.Potential) throws {
        try checkChoice(potential.network, in: "potential.core_parameter.", named: "")
        for term in potential.processedProperties where term.term != nil {
            let table = "potential.postprocessing_parameter.\(term.name)."
            try checkChoice(potential[term], in: table, named: "")
        }
    }

    func checkOptimizer(_ training: RunConfiguration.Training) throws {
        try checkChoice(training.optimizer, in: "training.optimizer.", named: "name")
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
        let (chosen, type) = (training.schedule.chosen, training.schedule.type)
        try checkChoice(chosen, in: path, named: "scheduler_name")
        let (interval, intervals) = (training.schedule.interval, type.intervals)
        if !intervals.contains(interval) {
            throw error(
                atFirst: [path + "interval", "training.lr"], "\(path)interval is \"\(interval.rawValue)\"",
                remedy: "write \"\(intervals[0].rawValue)\", \(chosen.name) knows no other")
        }
        let schedule = training.schedule.make()
        try refuse(schedule.conflict(rate: training.learningRate), in: path)
        let course = ScheduleCourse(rate: training.learningRate, epochs: training.epochs)
        guard schedule.momentum(after: 0, of: course) != nil, !training.makeOptimizer().hasMomentum else { return }
        throw error(
            atFirst: [path + "cycle_momentum", path + "scheduler_name"],
            "\(chosen.name) changes the momentum, but the optimiser has none",
            remedy: (chosen.type.keys.contains { $0.name == "cycle_momentum" }
                ? "set \(path)cycle_momentum to false" : "choose another schedule")
                + " or set training.optimizer.momentum")
    }
}
