import ApusChemistry
import ApusDatasets
import ApusPotentials
import ApusSystem

extension EnergyModel {
    /// An element in fewer training configurations than this is hardly learned.
    static let fewestSystemsOfElement = 10
    /// Means of two parts that are further apart, in standard deviations of the training part, are of different data.
    static let largestEnergyGap = 3.0

    /// What looks wrong with the parts of a training for this model, most severe first.
    ///
    /// - Parameters:
    ///   - parts: The parts that have configurations, training first.
    ///   - loss: What is trained.
    ///   - components: What could be trained.
    public func findings(
        training parts: [PartCensus], loss: Loss, components: [any LossComponent] = standardLossComponents
    ) -> [Finding] {
        guard let training = parts.first else { return [] }
        return findings(predicting: parts) + energyFindings(training, parts.dropFirst()) + elementFindings(training)
            + labelFindings(training, loss, components)
    }

    /// What looks wrong with systems that this model is to predict.
    public func findings(predicting parts: [PartCensus]) -> [Finding] {
        cutoffFindings(parts) + compositionFindings(parts) + stateFindings(parts) + activationFindings
    }

    /// Functions with a bend make energies with bends, and forces with jumps.
    private var activationFindings: [Finding] {
        let activation = potential.activation
        guard activation.continuousDerivatives == 0 else { return [] }
        return [
            Finding(
                .forces,
                "the forces of this network jump, because the slope of its activation function \(activation.name.rawValue) "
                    + "does; for dynamics and optimisation choose another, such as SiLU, with "
                    + "potential.core_parameter.activation_function_parameter.activation_function_name")
        ]
    }

    private func cutoffFindings(_ parts: [PartCensus]) -> [Finding] {
        let lonely = parts.reduce(0) { $0 + $1.lonelyAtoms }
        guard lonely > 0, let first = parts.first(where: { $0.lonelyAtoms > 0 }), let name = first.firstLonely else {
            return []
        }
        let radius = potential.cutoff
        let part = first.part.isEmpty ? "" : " of the \(first.part) part"
        return [
            Finding(
                .cutoff,
                "\(lonely) \(lonely == 1 ? "atom has" : "atoms have") no neighbour within \(shortNumber(radius)) "
                    + "\(units.length.symbol), first in \(name)\(part); "
                    + "raise potential.core_parameter.maximum_interaction_radius if they should interact")
        ]
    }

    /// Compositions for which fitted self-energies are arbitrary.
    private func compositionFindings(_ parts: [PartCensus]) -> [Finding] {
        guard let compositions, energyReference == .absolute else { return [] }
        return parts.compactMap { part in
            let outside = part.compositions.filter { !compositions.contains($0.composition) }
            guard let first = outside.first else { return nil }
            let count = outside.reduce(0) { $0 + $1.configurations }
            return Finding(
                .energies,
                "the training does not determine the total energies of \(count) of \(part.configurations) configurations"
                    + "\(part.part.isEmpty ? "" : " of the \(part.part) part"), first \(first.first): their "
                    + "compositions are no combinations of those trained on, so each formula is off by a constant of "
                    + "any size; train on such formulas too, or give self-energies with dataset.atomic_self_energies")
        }
    }

    private func energyFindings(_ training: PartCensus, _ others: ArraySlice<PartCensus>) -> [Finding] {
        let deviation = training.energyPerAtom.deviation
        guard deviation > 0 else { return [] }
        return others.compactMap { part in
            let gap = abs(part.energyPerAtom.mean - training.energyPerAtom.mean)
            guard part.energyPerAtom.count > 0, gap > Self.largestEnergyGap * deviation else { return nil }
            return Finding(
                .energies,
                "the mean energies per atom of \(part.part) and training part, without self-energies, are "
                    + "\(shortNumber(gap)) \(units.energy.symbol) apart, "
                    + "\(shortNumber(gap / deviation)) standard deviations of the training part; "
                    + "they may be of different data or methods")
        }
    }

    private func elementFindings(_ training: PartCensus) -> [Finding] {
        let rare = training.systemsWithElement.filter { $0.value < Self.fewestSystemsOfElement }.sorted { $0 < $1 }
        guard !rare.isEmpty else { return [] }
        let names = rare.map { "\(Element.all[$0.key - 1].symbol) (\($0.value))" }
        return [
            Finding(
                .elements,
                "fewer than \(Self.fewestSystemsOfElement) training configurations have "
                    + "\(names.joined(separator: ", ")); add some, or leave the element out with dataset.element_filter"
            )
        ]
    }

    /// States that differ between systems but which the network does not know.
    private func stateFindings(_ parts: [PartCensus]) -> [Finding] {
        [Property.totalCharge, .spinMultiplicity].compactMap { property in
            let values = parts.reduce(into: Set<Int>()) { $0.formUnion($1.states[property] ?? []) }
            guard let low = values.min(), let high = values.max(), low < high, !featurizationLabels.contains(property)
            else { return nil }
            return Finding(
                .states,
                "the \(property.name) of the systems differs, from \(low) to \(high), but is no input of the network, to "
                    + "which systems that differ in nothing else are the same; for a network that knows it, name "
                    + "\(property.target) in potential.core_parameter.featurization.properties_to_featurize")
        }
    }

    private func labelFindings(
        _ training: PartCensus, _ loss: Loss, _ components: [any LossComponent]
    ) -> [Finding] {
        let unused = Property.allCases.compactMap { property -> (label: String, component: String)? in
            guard let count = training.labels[property], !loss.properties.contains(property),
                property != .totalCharge, property != .spinMultiplicity, property != .virial,
                property.counterpart.map(loss.properties.contains) != true,
                let component = components.first(where: { $0.properties == [property] })
            else { return nil }
            let share = count == training.configurations ? "" : " (\(count) of \(training.configurations))"
            return (property.name + share, component.name)
        }
        guard !unused.isEmpty else { return [] }
        return [
            Finding(
                .labels, .note,
                "the training part has labels that the loss does not use: "
                    + unused.map(\.label).joined(separator: ", ") + "; to learn them, name "
                    + unused.map(\.component).joined(separator: ", ") + " in training.loss_parameter.loss_components")
        ]
    }
}
