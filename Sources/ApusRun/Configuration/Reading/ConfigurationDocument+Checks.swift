import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusTraining

extension ConfigurationDocument {
    /// Checks that concern more than one key.
    package func check(_ configuration: RunConfiguration) throws {
        try checkLoss(configuration)
        try checkMonitors(configuration.training)
        try checkPredictions(configuration)
        try checkSelfEnergies(configuration.dataset)
        try checkSplit(configuration)
        try checkAssignment(configuration)
        try checkOwners(configuration)
        try checkPotential(configuration.potential)
        try checkOptimizer(configuration.training)
        try checkSchedule(configuration.training)
        try checkAveraging(configuration.training.averaging)
    }

    private func checkLoss(_ configuration: RunConfiguration) throws {
        let training = configuration.training
        let path = "training.loss_parameter."
        let components = training.lossComponents
        if let repeated = components.first(where: { name in components.filter { $0 == name }.count > 1 }) {
            throw error(
                at: path + "loss_components", "\(path)loss_components names \"\(repeated.name)\" twice",
                remedy: "name it once")
        }
        for name in configuration.registry.lossComponents.map(RunConfiguration.LossName.init) {
            let weight = path + "weight." + name.name
            if components.contains(name), training.lossWeights[name] == nil {
                throw error(
                    at: path + "loss_components", "\(weight) is missing, although other components have weights",
                    remedy: "give every loss component a weight")
            }
            guard !components.contains(name) else { continue }
            for key in training.lossKeys(of: name) {
                throw error(
                    at: path + key + "." + name.name,
                    "\(path)\(key).\(name.name) is set, but loss_components does not name \"\(name.name)\"",
                    remedy: "add it there or remove the \(key == "weight" ? "weight" : "key")")
            }
        }
        for name in components { try checkTerm(name, training) }
    }

    /// Weight, schedule and form of one component.
    private func checkTerm(_ name: RunConfiguration.LossName, _ training: RunConfiguration.Training) throws {
        let path = "training.loss_parameter."
        let schedule = training.schedule(of: name)
        if schedule.initial == 0, schedule.target == 0 {
            throw error(
                at: path + "weight." + name.name,
                "\(path)weight.\(name.name) is 0, so that the component counts for nothing",
                remedy: "remove the component or give it a weight or a target_weight > 0")
        }
        guard schedule.mixingEpochs < training.epochs else {
            throw error(
                atFirst: [path + "mixing_steps." + name.name, path + "target_weight." + name.name],
                "\(path)target_weight.\(name.name) is reached after \(schedule.mixingEpochs) epochs, but "
                    + "training.number_of_epochs is \(training.epochs)",
                remedy: "choose larger mixing_steps or more epochs")
        }
        let isHuber = training.lossForms[name] == .huber
        let hasThreshold = training.huberThresholds[name] != nil
        guard isHuber == hasThreshold else {
            throw error(
                atFirst: [path + "huber_threshold." + name.name, path + "form." + name.name],
                isHuber
                    ? "\(path)form.\(name.name) is \"huber\", but there is no threshold"
                    : "\(path)huber_threshold.\(name.name) is set, but the form is not \"huber\"",
                remedy: isHuber
                    ? "set \(path)huber_threshold.\(name.name)" : "set \(path)form.\(name.name) to \"huber\"")
        }
    }

    /// Errors exist of what the loss compares.
    private func checkMonitors(_ training: RunConfiguration.Training) throws {
        let compared = training.lossComponents.flatMap(\.component.properties) + [.energy]
        let monitors = [
            ("training.monitor", training.monitor),
            ("training.early_stopping.monitor", training.earlyStopping.monitor),
            ("training.lr_scheduler.monitor", training.schedule.monitor),
        ]
        for (path, metric) in monitors {
            guard let property = metric.metric.property, !compared.contains(property) else { continue }
            throw error(
                at: path,
                "\(path) is \"\(metric.name)\", but loss_components has no \"\(property.target)\"",
                remedy: "monitor another metric or train \(property.name)")
        }
    }

    /// What is predicted has one number each, and is what the loss compares.
    private func checkPredictions(_ configuration: RunConfiguration) throws {
        let core = "potential.core_parameter."
        let potential = configuration.potential
        func refuse(_ key: String, _ problem: String, _ remedy: String) -> ApusError {
            error(at: core + key, core + key + " " + problem, remedy: remedy)
        }
        guard potential.predictedProperties.contains(.energy) else {
            throw refuse(
                "predicted_properties", "has no \"per_atom_energy\"", "add it, every potential predicts energies")
        }
        guard potential.predictedDimensions.count == potential.predictedProperties.count else {
            throw refuse(
                "predicted_dim",
                "has \(potential.predictedDimensions.count) numbers for "
                    + "\(potential.predictedProperties.count) properties", "give a 1 for each of them")
        }
        guard potential.featurizedProperties.contains(.atomicNumber) else {
            throw refuse(
                "featurization.properties_to_featurize", "has no \"atomic_number\"",
                "add it, potentials tell elements apart by it")
        }
        let known = configuration.registry.models.heads
        let heads = potential.heads
        let network = try potential.makeNetwork(lengthUnit: .angstrom)
        let predicted = network.properties + (network.givesFeatures ? heads.flatMap(\.properties) : [])
        for name in configuration.training.lossComponents {
            let missing = name.component.properties.first {
                ![.energy, .forces, .stress, .virial, .atomicEnergies].contains($0) && !predicted.contains($0)
            }
            guard let missing else { continue }
            guard network.givesFeatures else {
                throw error(
                    at: "training.loss_parameter.loss_components",
                    "\(network.name) does not predict the \(missing.name), which \"\(name.name)\" trains",
                    remedy: "leave the component out, or choose a potential that predicts it or gives features for it")
            }
            if missing == .quadrupole, potential.hasAtomicDipoles {
                throw error(
                    at: "potential.postprocessing_parameter.per_atom_charge.atomic_dipoles",
                    "quadrupole moments are those of charges alone, so \"\(name.name)\" cannot be trained with "
                        + "atomic_dipoles", remedy: "set one of them aside")
            }
            throw refuse(
                "predicted_properties",
                "does not name what makes the \(missing.name), which \"\(name.name)\" trains",
                "add \"\(known.first { $0.init().properties.contains(missing) }?.name ?? missing.target)\"")
        }
        if let term = try potential.makeTerms(lengthUnit: .angstrom).first(where: \.usesCharges),
            !predicted.contains(.charges)
        {
            throw refuse(
                "predicted_properties", "does not name what makes the charges that \(term.name) reads",
                network.givesFeatures
                    ? "add \"\(ChargeHead.name)\"" : "leave \(term.name) out, or choose another potential")
        }
        if let head = heads.first, !network.givesFeatures {
            throw refuse(
                "predicted_properties",
                "names \"\(type(of: head).name)\", for which \(network.name) gives no features", "leave it out")
        }
    }

    /// A source of self-energies that needs something has it.
    private func checkSelfEnergies(_ dataset: RunConfiguration.Dataset) throws {
        let path = "dataset.self_energy_source"
        let isGiven = !dataset.selfEnergies.isEmpty
        if dataset.selfEnergySource == .configuration, !isGiven {
            throw error(
                at: path, "\(path) is \"configuration\", but dataset.atomic_self_energies is empty",
                remedy: "give the energy of every element there, such as H = \"-13.6 eV\"")
        }
        if isGiven, ![.automatic, .configuration].contains(dataset.selfEnergySource) {
            throw error(
                atFirst: [path, "dataset.regression_ase"],
                "dataset.atomic_self_energies is set, but \(path) is \"\(dataset.selfEnergySource.rawValue)\"",
                remedy: "remove one of them")
        }
    }

    private func checkSplit(_ configuration: RunConfiguration) throws {
        let path = "training.splitting_strategy.data_split"
        if let files = configuration.training.split.indexFiles {
            let index = "training.splitting_strategy.index_files"
            guard (2...3).contains(files.count) else {
                throw error(at: index, "\(index) names \(files.count) files", remedy: "name two or three")
            }
            return
        }
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
            let share = (wanted.validation && dataset.validationFile == nil, wanted.test && dataset.testFile == nil)
            let example = share.0 ? [0.9, 0.1, 0] : share.1 ? [0.9, 0, 0.1] : [1.0, 0, 0]
            throw refuse(
                "although dataset.\(part)_file is given",
                "leave out \(path), or give the size for \(part) to the others, as in \(example)")
        }
        guard wanted.validation || dataset.validationFile != nil else {
            throw refuse(
                "which leaves nothing for validation", "make the second one larger or set dataset.validation_file")
        }
    }

    private func checkAssignment(_ configuration: RunConfiguration) throws {
        let dataset = configuration.dataset
        guard let properties = dataset.properties else { return }
        for property in configuration.registry.properties {
            guard let name = dataset.assignment[property], !name.isEmpty, !properties.contains(name) else { continue }
            let path = "dataset.properties_assignment." + property.key
            throw error(
                at: path, "\(path) is \"\(name)\", which dataset.properties_of_interest does not name",
                remedy: "add it there")
        }
    }

    /// An error at the first of some keys that is set.
    package func error(atFirst paths: [String], _ problem: String, remedy: String) -> ApusError {
        error(at: paths.first { settings[$0] != nil } ?? paths[0], problem, remedy: remedy)
    }
}
