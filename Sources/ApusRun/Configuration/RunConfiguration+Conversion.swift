import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusGraph
import ApusPotentials
import ApusSystem
import ApusTraining

extension RunConfiguration.Dataset {
    /// What the configuration says about the files.
    package func readingOptions(into units: UnitSystem) -> ReadingOptions {
        var options = ReadingOptions()
        options.units = units
        options.sourceUnits = sourceUnits
        options.assignment = assignment
        options.forcesAreGradients = forcesAreGradients
        options.stressesAreOpposite = stressesAreOpposite
        options.version = version
        options.marksMissingLabels = missingLabels != .refuse
        return options
    }
}

extension RunConfiguration.Dataset {
    /// Which configurations are used, with numbers in the units of the run.
    package func selection(labels: [Property], seed: Int, units: UnitSystem) throws -> Selection {
        var selection = Selection()
        selection.elements = elementFilter ?? []
        selection.maximumForce = try maximumForce?.value(in: units.force)
        selection.maximumEnergyDeviation = try maximumEnergyDeviation?.value(in: units.energy)
        selection.atoms = maximumAtoms.map { 1...$0 }
        selection.charges = charges.map { Set($0) }
        selection.multiplicities = multiplicities.map { Set($0) }
        selection.stride = takeEvery
        selection.perRecord = perRecord.map { (recordChoice, $0) }
        selection.seed = UInt64(seed)
        selection.keepsSingleAtoms = !trainsOnIsolatedAtoms
        // What is refused is refused later, with a better message.
        if missingLabels == .drop { selection.required = (labels, .drop) }
        return selection
    }
}

extension RunConfiguration.Potential {
    /// The network, with lengths in the unit of the run.
    func makeNetwork(lengthUnit: Unit) throws -> any ApusPotentials.Potential {
        guard let type = network.type as? any ApusPotentials.Potential.Type else {
            fatalError("\(network.name) is no potential")
        }
        return try type.init(network.values, lengthUnit: lengthUnit)
    }
}

extension RunConfiguration.Potential {
    /// What is predicted beside energies and forces, in the units of a run.
    package func heads(in units: UnitSystem) throws -> [any Head] {
        let unit = try Unit.angstrom.factor(to: units.length)
        return heads.map { head in
            guard unit != 1, var charges = head as? ChargeHead, charges.atomicDipoles else { return head }
            charges.dipoleScale = unit
            return charges
        }
    }

    /// What is added to the energies of the network, with lengths in the unit of the run.
    func makeTerms(lengthUnit: Unit) throws -> [any EnergyTerm] {
        try processedProperties.filter { $0.term != nil }.map { term in
            guard let made = try term.term?.init(self[term].values, lengthUnit: lengthUnit) else {
                fatalError("\(term.name) is no energy term")
            }
            return made
        }
    }

    /// What the network itself predicts beside energies.
    var ownProperties: [Property] { (try? makeNetwork(lengthUnit: .angstrom))?.properties ?? [] }

    /// What heads predict beside energies and forces, and the network does not.
    package var heads: [any Head] {
        let own = ownProperties
        let needed = Set(predictedProperties).sorted { $0.place < $1.place }.compactMap(\.head).filter {
            $0.init().properties.allSatisfy { !own.contains($0) }
        }
        return needed.map {
            guard $0 == ChargeHead.self else { return $0.init() }
            let isConserved = conservesCharge && processedProperties.contains(.charge)
            return ChargeHead(conservation: isConserved ? .uniform : .none, atomicDipoles: hasAtomicDipoles)
        }
    }

    /// What the first features of an atom are made of.
    package var featurization: Featurization {
        var featurization = Featurization(
            totalCharge: featurizedProperties.contains(.totalCharge),
            spinMultiplicity: featurizedProperties.contains(.spinState))
        if featurizedProperties.contains(.atomicPeriod) { featurization.periodFeatures = periodFeatures }
        if featurizedProperties.contains(.atomicGroup) { featurization.groupFeatures = groupFeatures }
        return featurization
    }
}

extension RunConfiguration.Training {
    /// What is minimised.
    package func loss(in units: UnitSystem) -> Loss {
        Loss(
            lossComponents.map { name in
                LossTerm(
                    name.component, weight: schedule(of: name), form: form(of: name),
                    exponent: atomCountExponents[name])
            }, units: units)
    }

    /// How the weight of a component changes.
    func schedule(of name: RunConfiguration.LossName) -> WeightSchedule {
        WeightSchedule(lossWeights[name] ?? 1, target: targetWeights[name], step: mixingSteps[name] ?? 1)
    }

    private func form(of name: RunConfiguration.LossName) -> LossForm {
        switch lossForms[name] ?? .squared {
        case .squared: .squared
        case .absolute: .absolute
        case .huber: .huber(threshold: huberThresholds[name] ?? 1)
        }
    }

    /// The keys under `loss_parameter` that are set for a component.
    func lossKeys(of name: RunConfiguration.LossName) -> [String] {
        [
            ("weight", lossWeights[name] != nil), ("target_weight", targetWeights[name] != nil),
            ("mixing_steps", mixingSteps[name] != nil), ("form", lossForms[name] != nil),
            ("huber_threshold", huberThresholds[name] != nil),
            ("atom_count_exponent", atomCountExponents[name] != nil),
        ].filter(\.1).map(\.0)
    }
}

extension RunConfiguration.Runtime {
    /// What programs run on.
    package var device: Device { get throws { try Device(precision: precision, threads: threads ?? coreCount()) } }
}

extension RunConfiguration {
    /// How the model is trained. Without validation data the training errors decide.
    ///
    /// - Parameter units: the units of the run.
    func trainingSettings(units: UnitSystem) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.epochs = training.epochs
        settings.batchSize = training.batchAtoms.map { .budget(atoms: $0) } ?? .systems(training.batchSize)
        settings.skippedBatches = training.skippedBatches
        settings.loss = training.loss(in: units)
        settings.masksMissingLabels = dataset.missingLabels == .mask
        settings.reported = settings.loss.properties.contains(.energy) ? [] : [.energy]
        settings.energyRefit = training.refitsSelfEnergies ? .elements : nil
        settings.hasErrorHistograms = training.logger.name == .tensorBoard && training.logger.hasHistograms
        settings.reportFrequency = training.reportFrequency
        settings.monitor = training.monitor.metric
        settings.minimumEpochs = training.minimumEpochs
        settings.trainingLimit = training.trainingLimit
        settings.validationLimit = training.validationLimit
        settings.maximumSeconds = training.maximumTime.map { $0 / .seconds(1) }
        training.setOptimization(&settings)
        if let patience = training.earlyStopping.patience {
            settings.earlyStopping = ApusTraining.EarlyStopping(
                patience: patience, minimumDelta: training.earlyStopping.minimumDelta,
                monitor: training.earlyStopping.monitor.metric)
        }
        settings.seed = UInt64(runtime.seed)
        return settings
    }
}
