import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting

extension ConfigurationDraft {
    /// The configuration with comments.
    package var toml: String {
        let path = configuration.dataset.file.text
        var lines = [
            "# Written by 'apus init' for \(printable(path)); see 'apus train --help-config' for all keys.",
            "# What training takes: apus train THIS_FILE --dry-run",
            "",
            "[potential]",
            key(
                "potential.potential_name",
                standardPotentials.map { $0.name }.sorted().joined(separator: " or ")),
            "",
            "[potential.core_parameter]",
            key("potential.core_parameter.maximum_interaction_radius", "the cutoff; larger ones cost time"),
            key("potential.core_parameter.number_of_interaction_modules", "the depth of the network"),
            "",
            "[potential.core_parameter.featurization]",
        ]
        lines += featurization + ["", "[dataset]"] + described + [key("dataset.file", "relative to this file")]
        lines += datasetKeys + training + runtime
        return lines.joined(separator: "\n") + "\n"
    }

    private var featurization: [String] {
        let table = "potential.core_parameter.featurization."
        let properties = configuration.potential.featurizedProperties
        var lines: [String] = []
        if properties.count > 1 {
            lines.append("# Systems differ in charge or multiplicity, which the network therefore knows.")
        }
        lines.append(
            key(
                table + "properties_to_featurize",
                properties.count > 1 ? nil : "add per_system_total_charge where charges differ"))
        if configuration.potential.network[HyperparameterKey.maximumAtomicNumber]?.integer ?? 0 > 100 {
            lines.append("atomic_number." + key(table + "atomic_number.maximum_atomic_number", nil))
        }
        return lines + [
            "atomic_number."
                + key(table + "atomic_number.number_of_per_atom_features", "the width of the network")
        ]
    }

    /// What was found, as comments.
    private var described: [String] {
        let all = dataset.configurations
        let sizes = all.indices.map(all.atomCount)
        var lines = [
            "\(counted(dataset.count, "configuration")) of \(counted(all.recordNames.count, "molecule")), "
                + (sizes.min() == sizes.max() ? "" : "\(sizes.min() ?? 0) to ") + counted(sizes.max() ?? 0, "atom"),
            "elements: \(dataset.elements.map(\.symbol).joined(separator: ", "))",
        ]
        if count < dataset.count {
            lines.append(
                "\(dataset.count - count) of them single atoms, which give self-energies and are not trained on")
        }
        lines += dataset.interpretation.lines
        return lines.map { "# " + printable($0) }
    }

    /// How to read the file, where it does not say it itself.
    private var datasetKeys: [String] {
        var lines: [String] = []
        for (dimension, property, example) in [
            (Dimension.energy, Property.energy, "kcal/mol"), (.length, .positions, "bohr"),
            (.force, .forces, "hartree/bohr"), (.stress, .stress, "GPa"), (.dipole, .dipole, "debye"),
            (.quadrupole, .quadrupole, "debye*angstrom"),
        ] {
            let path = "dataset.source_\(dimension)_unit"
            if configuration.dataset.sourceUnits[dimension] != nil {
                lines.append(key(path, nil))
            } else if case .convention = dataset.interpretation[property]?.origin {
                lines.append(
                    "# source_\(dimension)_unit = \"\(example)\"  # if it is not the unit that is assumed above")
            }
        }
        if configuration.dataset.selfEnergySource == .regression {
            lines.append(key("dataset.self_energy_source", "those of the file lack an element"))
        }
        if configuration.dataset.forcesAreGradients { lines.append(key("dataset.forces_are_gradients", nil)) }
        if configuration.dataset.stressesAreOpposite { lines.append(key("dataset.opposite_stress_sign", nil)) }
        if configuration.dataset.momentOrigin != nil { lines.append(key("dataset.multipole_origin", nil)) }
        if configuration.dataset.missingLabels == .mask {
            lines.append(key("dataset.missing_labels", "configurations count for the labels that they have"))
        }
        let assigned = configuration.dataset.assignment.keys.sorted { $0.key < $1.key }
        if !assigned.isEmpty {
            lines += ["", "[dataset.properties_assignment]"]
            lines += assigned.map { property in
                key("dataset.properties_assignment.\(property.key)", nil)
            }
        }
        return lines
    }

    private var training: [String] {
        let table = "training.loss_parameter."
        var lines = [
            "", "[training]",
            key("training.number_of_epochs", nil),
            "# maximum_time = \"2 h\"  # ends the training earlier",
            key("training.batch_size", "configurations in a step"),
            key("training.lr", "learning rate at the start"),
            key("training.monitor", "what decides which model is the best"),
            "", "[training.loss_parameter]",
        ]
        if !further.isEmpty {
            lines.append(
                "# The data also have \(further.map(\.name).joined(separator: " and ")); to learn them too, add "
                    + further.map { $0 == .dipole ? "\"per_system_dipole_moment\"" : "\"per_atom_charge\"" }
                    .joined(separator: " and ") + " here, and a weight below.")
        }
        lines += [key(table + "loss_components", nil), "", "[training.loss_parameter.weight]"]
        lines += configuration.training.lossComponents.map { key(table + "weight.\($0.name)", nil) }
        return lines + [
            "", "[training.splitting_strategy]",
            "# random_record_splitting_strategy keeps all configurations of a molecule in one part.",
            key("training.splitting_strategy.name", nil),
            key("training.splitting_strategy.data_split", "training, validation, test: fractions or counts"),
            key("training.splitting_strategy.seed", nil),
            "", "[training.lr_scheduler]",
            "# The learning rate is halved after so many epochs without improvement.",
            "scheduler_name = \"ReduceLROnPlateau\"", "factor = 0.5",
            "patience = \(max(3, configuration.training.epochs / 40))",
        ]
    }

    private var runtime: [String] {
        [
            "", "[runtime]",
            key("runtime.seed", nil),
            key("runtime.energy_unit", "of the results"),
            key("runtime.length_unit", nil),
            "# output_directory = \"runs/my-run\"  # runs/{potential_name}-{dataset_name} unless given",
        ]
    }

    /// `name = value`, with a comment behind it.
    private func key(_ path: String, _ comment: String?) -> String {
        guard let key = ConfigurationKey.all.first(where: { $0.path == path }),
            let value = key.value(in: configuration)
        else { fatalError("\(path) is a key that is set") }
        return "\(key.name) = \(value.toml)" + (comment.map { "  # " + $0 } ?? "")
    }
}
