import ApusChemistry
import ApusPotentials
import ApusTraining

extension ConfigurationKey {
    /// `[potential]`: the architecture.
    static func potentialKeys(_ registry: Registry) -> [ConfigurationKey] {
        architectureKeys(registry) + hyperparameterKeys(registry, ofFeatures: false) + featurizedKeys
            + hyperparameterKeys(registry, ofFeatures: true) + featurizationKeys + predictionKeys(registry)
            + termKeys(registry)
            + otherPotentialKeys(registry)
    }

    private static let core = "potential.core_parameter."

    private static func architectureKeys(_ registry: Registry) -> [ConfigurationKey] {
        let names = registry.models.potentials.map { $0.name }
        var name = value(
            "potential.potential_name", \.potential.network.type,
            ValueKind<String>.name(among: names, planned: planned.map(\.name).filter { !names.contains($0) })
                .mapped(
                    { name in
                        registry.models.potentials.first { $0.name == name } ?? SchNet.self as any Configurable.Type
                    },
                    { $0.name }), required: true,
            "The architecture: "
                + registry.models.potentials.map { "\($0.name) (\($0.reference))" }.joined(separator: " or ") + ".")
        name.isReadFirst = true
        return [
            name,
            .value(
                "potential.potential_seed", \.potential.seed, .seed,
                "Seed of the initial weights."
            ).derived("runtime.seed") { $0.potential.seed = $0.runtime.seed },
            .ignored(
                "potential.only_unique_pairs", "every pair of atoms is stored once, whatever the potential"),
        ]
    }

    /// The keys that the potentials declare, those of the first features of atoms apart.
    private static func hyperparameterKeys(_ registry: Registry, ofFeatures: Bool) -> [ConfigurationKey] {
        hyperparameters(of: registry.models.potentials, in: core, \.potential.network)
            .filter { $0.key.path.hasPrefix(core + "featurization.") == ofFeatures }
            .map { key, names in
                var key = key
                if names.count < registry.models.potentials.count { key.potentials = names }
                return key
            }
    }

    /// Potentials that are not supported, with their keys.
    private static let planned: [(name: String, keys: [String])] = [
        ("PhysNet", ["number_of_interaction_residual", "number_of_modules"]),
        ("SAKE", ["number_of_spatial_attention_heads"]),
        (
            "TensorNet",
            [
                "number_of_per_atom_features", "number_of_interaction_layers", "minimum_interaction_radius",
                "maximum_atomic_number", "equivariance_invariance_group",
            ]
        ),
        (
            "AimNet2",
            ["number_of_vector_features", "interaction_module_hidden_layers", "output_module_hidden_layers"]
        ),
        (
            "ANI2x",
            [
                "angle_sections", "maximum_interaction_radius_for_angular_features",
                "minimum_interaction_radius_for_angular_features", "angular_dist_divisions",
            ]
        ),
    ]

    private static func otherPotentialKeys(_ registry: Registry) -> [ConfigurationKey] {
        let known = registry.models.potentials.flatMap { $0.keys.map(\.name) }
        let names = registry.models.potentials.map { $0.name }.joined(separator: " or ")
        return planned.flatMap { potential, keys in
            keys.filter { !known.contains($0) }.map {
                .unsupported(core + $0, "it belongs to \(potential); use \(names)")
            }
        }
    }

    private static let featurizedKeys: [ConfigurationKey] = [
        .value(
            core + "featurization.properties_to_featurize", \.potential.featurizedProperties,
            .list(of: .choice(), named: "properties"),
            "What the initial features of an atom are made of; atomic_number is always among them.")
    ]

    private static let featurizationKeys: [ConfigurationKey] = [
        .value(
            core + "featurization.atomic_period.number_of_per_period_features", \.potential.periodFeatures,
            .integer(1...4096), "Number of features of a period, where periods are used."),
        .value(
            core + "featurization.atomic_group.number_of_per_group_features", \.potential.groupFeatures,
            .integer(1...4096), "Number of features of a group, where groups are used."),
        .ignored(
            core + "featurization.atomic_period.maximum_period", unless: [.integer(8)],
            "the periodic table has seven periods"),
        .ignored(
            core + "featurization.atomic_group.maximum_group", unless: [.integer(18)],
            "the periodic table has eighteen groups"),
    ]

    private static let processing = "potential.postprocessing_parameter."

    private static func predictionKeys(_ registry: Registry) -> [ConfigurationKey] {
        [
            .value(
                core + "predicted_properties", \.potential.predictedProperties,
                .list(of: .choice(among: RunConfiguration.PredictedProperty.all(registry)), named: "properties"),
                "What the network predicts for every atom; per_atom_energy is always among them, and what no loss component "
                    + "trains is left out."
            ).derived("the energy, and what the loss needs") { $0.setPredictedProperties() },
            .value(
                core + "predicted_dim", \.potential.predictedDimensions, .list(of: .integer(1...1), named: "numbers"),
                "Number of values of each predicted property."
            ).derived("1 for each") { configuration in
                configuration.potential.predictedDimensions = configuration.potential.predictedProperties.map { _ in 1 }
            },
            .value(
                processing + "properties_to_process", \.potential.processedProperties,
                .list(
                    of: .choice(
                        among: RunConfiguration.ProcessedProperty.all(registry), planned: plannedTerms(registry)),
                    named: "properties"),
                "What follows the network: charges are conserved only if they are named, and energy terms are added."
            ).derived("all that are predicted") { configuration in
                configuration.potential.processedProperties = configuration.potential.predictedProperties.compactMap {
                    property in
                    RunConfiguration.ProcessedProperty.all(registry).first { $0.name == property.name }
                }
            },
            .value(
                processing + "per_atom_energy.normalize", \.potential.normalizesEnergy, .flag,
                "Whether atomic energies are scaled and shifted by statistics of the training part."),
            .fixed(
                processing + "per_atom_energy.from_atom_to_system_reduction", .flag(true),
                "Whether atomic energies are summed to the energy of the system."),
            .value(
                processing + "per_atom_energy.keep_per_atom_property", \.potential.keepsAtomicEnergies, .flag,
                "Whether predictions contain the energy of every atom, self-energies included."),
            .value(
                processing + "per_atom_charge.conserve", \.potential.conservesCharge, .flag,
                "Whether charges are made to sum to the total charge."),
            .value(
                processing + "per_atom_charge.conserve_strategy", \.potential.conservation, .choice(),
                "How: every atom gets the same part of what is missing (both names mean the same)."),
            .value(
                processing + "per_atom_charge.atomic_dipoles", \.potential.hasAtomicDipoles, .flag,
                "Whether atoms have dipole moments beside their charges; dipole moments can then be exact, quadrupole moments "
                    + "are not predicted."),
            .unsupported(processing + "sum_per_system_energy", "remove the table"),
            .ignored(processing + "per_atom_force", "forces are always the derivative of the energy"),
            .ignored(
                processing + "general_postprocessing_operation",
                "predictions always contain the self-energies"),
        ] + plannedTerms(registry).map { .unsupported(processing + $0, "remove the table") }
    }

    /// Energy terms of modelforge that are not supported.
    private static func plannedTerms(_ registry: Registry) -> [String] {
        ["per_system_electrostatic_energy", "per_system_zbl_energy", "per_system_vdw_energy"].filter { name in
            !registry.models.terms.contains { $0.name == name }
        }
    }

    /// Tables of the energy terms, with the keys that they declare.
    private static func termKeys(_ registry: Registry) -> [ConfigurationKey] {
        RunConfiguration.ProcessedProperty.all(registry).flatMap { property -> [ConfigurationKey] in
            guard let term = property.term else { return [] }
            return hyperparameters(of: [term], in: "\(processing)\(term.name).", \.potential[property]).map {
                key, names in
                key.only(for: names, of: processing + "properties_to_process") { configuration in
                    let named = configuration.potential.processedProperties
                    return named.contains(property) ? term.name : named.map(\.name).joined(separator: ", ")
                }
            }
        }
    }
}
