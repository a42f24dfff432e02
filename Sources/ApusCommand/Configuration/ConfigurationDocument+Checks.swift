import ApusFiles
import ApusTraining

extension ConfigurationDocument {
    /// Checks that concern more than one key.
    func check(_ configuration: RunConfiguration) throws {
        try checkLoss(configuration.training)
        try checkMonitors(configuration.training)
        try checkSplit(configuration)
        try checkAssignment(configuration.dataset)
        let schedule = configuration.training.schedule
        guard schedule.minimumLearningRate <= configuration.training.learningRate else {
            throw error(
                atFirst: ["training.lr_scheduler.min_lr", "training.lr"],
                "training.lr_scheduler.min_lr is \(schedule.minimumLearningRate) but training.lr only "
                    + "\(configuration.training.learningRate)",
                remedy: "choose a smaller min_lr or a larger lr")
        }
    }

    private func checkLoss(_ training: RunConfiguration.Training) throws {
        let path = "training.loss_parameter."
        let components = training.lossComponents
        if let repeated = components.first(where: { name in components.filter { $0 == name }.count > 1 }) {
            throw error(
                at: path + "loss_components", "\(path)loss_components names \"\(repeated.rawValue)\" twice",
                remedy: "name it once")
        }
        for component in LossComponent.allCases {
            let weight = path + "weight." + component.rawValue
            let isWeighted = training.lossWeights[component] != nil
            if components.contains(component), !isWeighted {
                throw error(
                    at: path + "loss_components", "\(weight) is missing, although other components have weights",
                    remedy: "give every loss component a weight")
            }
            if isWeighted, !components.contains(component) {
                throw error(
                    at: weight, "\(weight) is set, but loss_components does not name \"\(component.rawValue)\"",
                    remedy: "add it there or remove the weight")
            }
        }
    }

    /// A metric of forces exists only when forces are trained.
    private func checkMonitors(_ training: RunConfiguration.Training) throws {
        guard !training.lossComponents.contains(.perAtomForce) else { return }
        let forces: [RunConfiguration.Metric] = [.forceMAE, .forceRMSE]
        let monitors = [
            ("training.monitor", training.monitor),
            ("training.early_stopping.monitor", training.earlyStopping.monitor),
            ("training.lr_scheduler.monitor", training.schedule.monitor),
        ]
        for (path, metric) in monitors where forces.contains(metric) {
            throw error(
                at: path, "\(path) is \"\(metric.rawValue)\", but loss_components has no \"per_atom_force\"",
                remedy: "monitor another metric or train forces")
        }
    }

    private func checkSplit(_ configuration: RunConfiguration) throws {
        let path = "training.splitting_strategy.data_split"
        let sizes = configuration.training.split.sizes
        func refuse(_ problem: String, _ remedy: String) -> ApusError {
            let places = [path, "dataset.validation_file", "dataset.test_file"]
            return error(atFirst: places, "\(path) is \(sizes), \(problem)", remedy: remedy)
        }
        let wanted = sizes.wanted
        guard wanted.training else { throw refuse("which leaves nothing for training", "make the first one larger") }

        let dataset = configuration.dataset
        let parts = [
            ("validation", wanted.validation, dataset.validationFile), ("test", wanted.test, dataset.testFile),
        ]
        for (part, isWanted, file) in parts where file != nil && isWanted {
            throw refuse("although dataset.\(part)_file is given", "set the size for \(part) to 0")
        }
        guard wanted.validation || dataset.validationFile != nil else {
            throw refuse(
                "which leaves nothing for validation", "make the second one larger or set dataset.validation_file")
        }
    }

    private func checkAssignment(_ dataset: RunConfiguration.Dataset) throws {
        guard let properties = dataset.properties else { return }
        let assigned = [
            ("atomic_numbers", dataset.atomicNumbersName), ("positions", dataset.positionsName),
            ("E", dataset.energyName), ("F", dataset.forcesName),
        ]
        for case (let role, let name?) in assigned where !properties.contains(name) {
            let path = "dataset.properties_assignment." + role
            throw error(
                at: path, "\(path) is \"\(name)\", which dataset.properties_of_interest does not name",
                remedy: "add it there")
        }
    }

    /// An error at the first of some keys that is set.
    private func error(atFirst paths: [String], _ problem: String, remedy: String) -> ApusError {
        error(at: paths.first { settings[$0] != nil } ?? paths[0], problem, remedy: remedy)
    }
}
