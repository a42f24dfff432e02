import ApusChemistry
import ApusDatasets
import ApusGraph
import ApusPotentials
import ApusTraining

extension RunConfiguration.Dataset {
    /// What the configuration says about the files.
    func readingOptions(into units: UnitSystem) -> ReadingOptions {
        var options = ReadingOptions()
        options.units = units
        options.sourceUnits[.length] = sourceLengthUnit
        options.sourceUnits[.energy] = sourceEnergyUnit
        options.sourceUnits[.force] = sourceForceUnit
        options.assignment[.atomicNumbers] = atomicNumbersName
        options.assignment[.positions] = positionsName
        options.assignment[.energy] = energyName
        options.assignment[.forces] = forcesName
        return options
    }
}

extension RunConfiguration.Potential {
    /// The network, with lengths in the unit of the run.
    func architecture(lengthUnit: Unit) throws -> Architecture {
        let radius = try cutoff.value(in: lengthUnit)
        switch name {
        case .schNet:
            var schNet = SchNet(cutoff: radius, radialFunctions: radialFunctions)
            schNet.features = features
            schNet.filters = filters
            schNet.interactions = interactions
            schNet.sharedInteractions = sharesInteractions
            schNet.activation = activation
            schNet.embeddingRows = maximumAtomicNumber + 1
            return .schNet(schNet)
        case .paiNN:
            var paiNN = PaiNN(cutoff: radius, radialFunctions: radialFunctions)
            paiNN.features = features
            paiNN.interactions = interactions
            paiNN.sharedInteractions = sharesInteractions
            paiNN.sharedFilters = sharesFilters
            paiNN.activation = activation
            paiNN.embeddingRows = maximumAtomicNumber + 1
            return .paiNN(paiNN)
        }
    }
}

extension RunConfiguration {
    /// How the model is trained. Without validation data the training errors decide.
    func trainingSettings() throws -> TrainingSettings {
        var settings = TrainingSettings()
        settings.epochs = training.epochs
        settings.batchSize = .systems(training.batchSize)
        settings.learningRate = training.learningRate
        settings.weightDecay = training.weightDecay
        settings.gradientClip = training.gradientClip > 0 ? training.gradientClip : nil
        settings.loss = Loss(
            weights: Dictionary(
                uniqueKeysWithValues: training.lossComponents.map { ($0, training.lossWeights[$0] ?? 1) }))
        settings.monitor = training.monitor.validationMetric
        settings.maximumSeconds = training.maximumTime.map { $0 / .seconds(1) }
        if training.schedule.name == .reduceOnPlateau {
            var schedule = ReduceOnPlateau()
            schedule.factor = training.schedule.factor
            schedule.patience = training.schedule.patience
            schedule.threshold = training.schedule.threshold
            schedule.thresholdMode = training.schedule.thresholdMode
            schedule.cooldown = training.schedule.cooldown
            schedule.minimumRate = training.schedule.minimumLearningRate
            schedule.epsilon = training.schedule.epsilon
            settings.plateau = (schedule, training.schedule.monitor.validationMetric)
        }
        if let patience = training.earlyStopping.patience {
            settings.earlyStopping = ApusTraining.EarlyStopping(
                patience: patience, minimumDelta: training.earlyStopping.minimumDelta,
                monitor: training.earlyStopping.monitor.validationMetric)
        }
        settings.seed = UInt64(runtime.seed)
        settings.precision = runtime.precision
        settings.threads = runtime.threads ?? coreCount()
        return settings
    }
}

extension RunConfiguration.Metric {
    /// The name without the part of the data.
    fileprivate var validationMetric: String { String(rawValue.dropFirst("val/".count)) }
}
