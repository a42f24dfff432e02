import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting

/// Where the self-energies of a run come from.
struct SelfEnergyChoice {
    private let configuration: RunConfiguration
    private let units: UnitSystem
    private let log: Log

    init(_ configuration: RunConfiguration, units: UnitSystem, log: Log) {
        self.configuration = configuration
        self.units = units
        self.log = log
    }

    /// The self-energies of the elements in the training part, the only ones that a model can know.
    func selfEnergies(_ dataset: Dataset, training: Configurations) throws -> SelfEnergies {
        let elements = training.chemicalElements
        guard configuration.training.removesSelfEnergies else {
            return SelfEnergies(
                Dictionary(uniqueKeysWithValues: elements.map { ($0.atomicNumber, 0) }), unit: units.energy)
        }
        let settings = configuration.dataset
        var source = settings.selfEnergySource
        if source == .automatic {
            source = !settings.selfEnergies.isEmpty ? .configuration : dataset.selfEnergies != nil ? .file : .regression
        }
        switch source {
        case .configuration:
            let given = SelfEnergies(
                try settings.selfEnergies.mapValues { try $0.value(in: units.energy) }, unit: units.energy)
            try given.require(elements, place: "dataset.atomic_self_energies")
            return reported(given.restricted(to: elements), "given by the configuration")
        case .file:
            guard let stated = dataset.selfEnergies else {
                throw ApusError(
                    .configuration, file: dataset.path, place: "dataset.self_energy_source",
                    problem: "the file states no self-energies", remedy: "choose \"regression\"")
            }
            try stated.require(elements, place: "dataset.self_energy_source")
            return reported(stated.restricted(to: elements), "stated by the file")
        case .isolatedAtoms:
            let atoms = try SelfEnergies.isolatedAtoms(
                in: training, for: elements, unit: units.energy)
            return reported(atoms, "of the isolated atoms in the training part")
        case .automatic, .regression:
            let fit = try SelfEnergies.fit(training, unit: units.energy)
            if let warning = fit.warning { log.warning(warning) }
            let residual = numberText(fit.rootMeanSquareResidual, significantDigits: 4)
            return reported(
                fit.selfEnergies,
                "by regression on the training part, residual \(residual) \(units.energy.symbol) (RMS)")
        }
    }

    private func reported(_ selfEnergies: SelfEnergies, _ origin: String) -> SelfEnergies {
        let values = selfEnergies.elements.map { element in
            "\(element) \(numberText(selfEnergies.values[element.atomicNumber]!, significantDigits: 8))"
        }
        log.info("self-energies in \(units.energy.symbol): \(values.joined(separator: ", ")); \(origin)")
        return selfEnergies
    }
}
