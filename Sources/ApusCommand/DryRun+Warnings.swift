import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

extension DryRun {
    /// Something that is probably not wanted.
    struct Warning {
        /// What it is about, for programs.
        enum Kind: String { case cutoff, elements, energies, labels, states, folder }

        let kind: Kind
        /// What was found and what can be done about it.
        let message: String
    }

    /// An element in fewer training configurations than this is hardly learned.
    static let fewestSystemsOfElement = 10
    /// Means of two parts that are further apart, in standard deviations of the training part, are of different data.
    static let largestEnergyGap = 3.0

    /// What was found, most severe first.
    var warnings: [Warning] {
        cutoffWarnings + energyWarnings + elementWarnings + stateWarnings + labelWarnings + folderWarnings
    }

    private var training: DataCensus { parts[0] }

    private var cutoffWarnings: [Warning] {
        let lonely = parts.reduce(0) { $0 + $1.lonelyAtoms }
        guard lonely > 0, let first = parts.first(where: { $0.lonelyAtoms > 0 }), let name = first.firstLonely else {
            return []
        }
        let radius = "\(numberText(cutoff, significantDigits: 4)) \(units.length.symbol)"
        return [
            Warning(
                kind: .cutoff,
                message: "\(lonely) \(lonely == 1 ? "atom has" : "atoms have") no neighbour within \(radius), "
                    + "first in \(name) of the \(first.part) part; "
                    + "raise potential.core_parameter.maximum_interaction_radius if they should interact")
        ]
    }

    private var energyWarnings: [Warning] {
        let deviation = training.energyPerAtom.deviation
        guard deviation > 0 else { return [] }
        return parts.dropFirst().compactMap { part in
            let gap = abs(part.energyPerAtom.mean - training.energyPerAtom.mean)
            guard part.energyPerAtom.count > 0, gap > Self.largestEnergyGap * deviation else { return nil }
            return Warning(
                kind: .energies,
                message: "the mean energies per atom of \(part.part) and training part, without self-energies, are "
                    + "\(numberText(gap, significantDigits: 3)) \(units.energy.symbol) apart, "
                    + "\(numberText(gap / deviation, significantDigits: 2)) standard deviations of the training part; "
                    + "they may be of different data or methods")
        }
    }

    private var elementWarnings: [Warning] {
        let rare = training.systemsWithElement.filter { $0.value < Self.fewestSystemsOfElement }.sorted { $0 < $1 }
        guard !rare.isEmpty else { return [] }
        let names = rare.map { "\(Element.all[$0.key - 1].symbol) (\($0.value))" }
        return [
            Warning(
                kind: .elements,
                message: "fewer than \(Self.fewestSystemsOfElement) training configurations have "
                    + "\(names.joined(separator: ", ")); add some, or leave the element out with dataset.element_filter"
            )
        ]
    }

    /// States that differ between systems but which the network does not know.
    private var stateWarnings: [Warning] {
        [
            (Property.totalCharge, RunConfiguration.FeaturizedProperty.totalCharge),
            (.spinMultiplicity, .spinState),
        ].compactMap { property, feature in
            guard let values = training.states[property], let low = values.min(), let high = values.max(), low < high,
                !model.featurizationLabels.contains(property)
            else { return nil }
            return Warning(
                kind: .states,
                message:
                    "the \(property.name) of the training systems differs, from \(low) to \(high), but is no input "
                    + "of the network, to which systems that differ in nothing else are the same; name "
                    + "\(feature.rawValue) in potential.core_parameter.featurization.properties_to_featurize")
        }
    }

    private var labelWarnings: [Warning] {
        let unused = Property.allCases.compactMap { property -> (label: String, component: String)? in
            guard let count = training.labels[property], !settings.loss.properties.contains(property),
                property != .totalCharge, property != .spinMultiplicity,
                let component = standardLossComponents.first(where: { $0.properties == [property] })
            else { return nil }
            let share = count == training.configurations ? "" : " (\(count) of \(training.configurations))"
            return (property.name + share, component.name)
        }
        guard !unused.isEmpty else { return [] }
        return [
            Warning(
                kind: .labels,
                message: "the training part has labels that the loss does not use: "
                    + unused.map(\.label).joined(separator: ", ") + "; to learn them, name "
                    + unused.map(\.component).joined(separator: ", ") + " in training.loss_parameter.loss_components")
        ]
    }

    private var folderWarnings: [Warning] {
        let folder = configuration.runtime.outputDirectory
        guard let files = try? RunFiles(folder).existing(), !files.isEmpty else { return [] }
        return [
            Warning(
                kind: .folder,
                message: "\(folder) holds an earlier run, which 'apus train' replaces with --overwrite alone")
        ]
    }
}
