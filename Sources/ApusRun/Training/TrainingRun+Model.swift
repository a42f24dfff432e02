import ApusChemistry
import ApusPotentials
import ApusTraining

extension TrainingRun {
    /// The model before the first step.
    func initialModel(_ settings: TrainingSettings) throws -> EnergyModel {
        let potential = try configuration.potential.makeNetwork(lengthUnit: units.length)
        var model = EnergyModel(
            potential: potential, parameters: [], units: units, selfEnergies: data.selfEnergies.values, scale: 1,
            shift: 0)
        model.featurization = configuration.potential.featurization
        model.heads = data.heads
        model.terms = try configuration.potential.makeTerms(lengthUnit: units.length)
        model.energyOffset = data.energyOffset
        let compared = settings.loss.properties
        model.energyReference =
            !compared.contains(.energy) && !compared.contains(.forces)
            ? .untrained : data.hasEnergies ? .absolute : .upToConstant
        model.keepsAtomicEnergies = configuration.potential.keepsAtomicEnergies
        model.compositions = data.compositions
        if configuration.potential.normalizesEnergy {
            model.shift = data.statistics.perAtomMean
            model.scale = try data.statistics.scale(learnsForces: settings.loss.usesForces, in: units)
        }
        model.parameters = EnergyModel.initialParameters(
            model.declarations, seed: UInt64(configuration.potential.seed))
        return model
    }
}
