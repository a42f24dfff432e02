import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting

/// Where the self-energies of a run come from.
struct SelfEnergyChoice {
    private let configuration: RunConfiguration
    private let units: UnitSystem
    private let log: RunLog

    init(_ configuration: RunConfiguration, units: UnitSystem, log: RunLog) {
        self.configuration = configuration
        self.units = units
        self.log = log
    }

    /// Self-energies with their origin.
    package struct Choice {
        package let energies: SelfEnergies
        /// Whether they were fitted to the training part, and may be fitted again; others are kept as they were given.
        let isFitted: Bool
    }

    /// The self-energies of the elements in the training part, the only ones that a model can know.
    ///
    /// - Parameter atoms: Configurations of single atoms.
    package func selfEnergies(
        _ dataset: Dataset, training: Configurations, atoms: Configurations
    ) throws -> Choice {
        let elements = training.chemicalElements
        let zeros = SelfEnergies(
            Dictionary(uniqueKeysWithValues: elements.map { ($0.atomicNumber, 0) }), unit: units.energy)
        guard configuration.training.removesSelfEnergies else { return Choice(energies: zeros, isFitted: true) }
        let settings = configuration.dataset
        var source = settings.selfEnergySource
        if source == .automatic {
            source =
                !settings.selfEnergies.isEmpty
                ? .configuration
                : dataset.selfEnergies != nil ? .file : cover(atoms, elements) ? .isolatedAtoms : .regression
        }
        switch source {
        case .configuration:
            let given = SelfEnergies(
                try settings.selfEnergies.mapValues { try $0.value(in: units.energy) }, unit: units.energy)
            try given.require(elements, place: "dataset.atomic_self_energies")
            return Choice(
                energies: reported(given.restricted(to: elements), "given by the configuration"), isFitted: false)
        case .file:
            guard let stated = dataset.selfEnergies else {
                throw ApusError(
                    .configuration, file: dataset.path, place: "dataset.self_energy_source",
                    problem: "the file states no self-energies", remedy: "choose \"regression\"")
            }
            try stated.require(elements, place: "dataset.self_energy_source")
            return Choice(energies: reported(stated.restricted(to: elements), "stated by the file"), isFitted: false)
        case .isolatedAtoms:
            let energies = try SelfEnergies.isolatedAtoms(in: atoms, for: elements, unit: units.energy)
            let origin = "of the isolated atoms in \(settings.isolatedAtomsFile?.text ?? "the file")"
            return Choice(energies: reported(energies, origin), isFitted: false)
        case .automatic, .regression:
            let labelled = training[training.indices.filter(training.hasLabel(.energy))]
            guard !labelled.isEmpty else {
                log.info("the training part has no energies, and self-energies are taken as zero")
                return Choice(energies: zeros, isFitted: true)
            }
            let fit = try SelfEnergies.fit(labelled, unit: units.energy)
            if let warning = fit.warning { log.warning(warning) }
            let residual = numberText(fit.rootMeanSquareResidual, significantDigits: 4)
            let origin = "by regression on the training part, residual \(residual) \(units.energy.symbol) (RMS)"
            return Choice(energies: reported(completed(fit.selfEnergies, for: elements), origin), isFitted: true)
        }
    }

    /// Whether single atoms with energies are there for all elements; where some are missing, this is said.
    private func cover(_ atoms: Configurations, _ elements: [Element]) -> Bool {
        let known = Set(atoms[atoms.indices.filter(atoms.hasLabel(.energy))].chemicalElements)
        let missing = elements.filter { !known.contains($0) }
        if !known.isEmpty, !missing.isEmpty {
            log.warning(
                "the energies of single atoms are not used, because there is none of "
                    + missing.map(\.symbol).joined(separator: ", "))
        }
        return missing.isEmpty
    }

    /// Zero for elements that no configuration with an energy has.
    private func completed(_ selfEnergies: SelfEnergies, for elements: [Element]) -> SelfEnergies {
        let missing = elements.filter { selfEnergies.values[$0.atomicNumber] == nil }
        guard !missing.isEmpty else { return selfEnergies }
        log.warning(
            "no training configuration with an energy has \(missing.map(\.symbol).joined(separator: ", ")); the "
                + "self-energies are taken as zero, and energies of systems with these elements are off by a constant")
        return SelfEnergies(
            selfEnergies.values.merging(missing.map { ($0.atomicNumber, 0) }) { first, _ in first },
            unit: selfEnergies.unit)
    }

    private func reported(_ selfEnergies: SelfEnergies, _ origin: String) -> SelfEnergies {
        let values = selfEnergies.elements.map { element in
            "\(element) \(numberText(selfEnergies.values[element.atomicNumber]!, significantDigits: 8))"
        }
        log.info("self-energies in \(units.energy.symbol): \(values.joined(separator: ", ")); \(origin)")
        return selfEnergies
    }
}
