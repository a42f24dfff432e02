import ApusChemistry
import ApusPotentials

extension ConfigurationKey {
    /// `[potential]`: the architecture.
    static let potentialKeys: [ConfigurationKey] =
        architectureKeys + featurizationKeys + predictionKeys + otherPotentialKeys

    private static let core = "potential.core_parameter."

    private static let architectureKeys: [ConfigurationKey] = [
        .value(
            "potential.potential_name", \.potential.name,
            .choice(planned: ["PhysNet", "SAKE", "TensorNet", "AimNet2", "ANI2x"]), required: true,
            "The architecture: SchNet (doi 10.1063/1.5019779) or PaiNN (arXiv 2102.03150)."),
        .value(
            "potential.potential_seed", \.potential.seed, .seed,
            "Seed of the initial weights."
        ).derived("runtime.seed") { $0.potential.seed = $0.runtime.seed },
        .ignored(
            "potential.only_unique_pairs", "every pair of atoms is stored once, whatever the potential"),
        .value(
            core + "maximum_interaction_radius", \.potential.cutoff,
            .cutoff,
            "Distance at which interactions end."),
        .value(
            core + "number_of_radial_basis_functions", \.potential.radialFunctions, .integer(2...1024),
            "Number of Gaussians in which distances are expanded."),
        .value(
            core + "number_of_interaction_modules", \.potential.interactions, .integer(1...64),
            "Number of interactions, the depth of the network."),
        .value(
            core + "number_of_filters", \.potential.filters, .integer(1...4096), only: .schNet,
            "Number of filters of each interaction."
        ).derived("number_of_per_atom_features") { $0.potential.filters = $0.potential.features },
        .value(
            core + "shared_interactions", \.potential.sharesInteractions, .flag,
            "Whether all interactions use the same weights."),
        .value(
            core + "shared_filters", \.potential.sharesFilters, .flag, only: .paiNN,
            "Whether all interactions use the same filters."),
        .value(
            core + "activation_function_parameter.activation_function_name", \.potential.activation,
            .choice(refused: [
                "softmax": "makes the features of a row add up to 1: it is for choices and attention, not for layers"
            ]),
            "Activation function between layers. With ReLU, LeakyReLU and ELU forces jump, unless alpha of ELU is 1."
        ).derived("ShiftedSoftplus for SchNet, SiLU for PaiNN") {
            $0.potential.activation = $0.potential.name == .schNet ? .shiftedSoftplus : .silu
        },
        activationArgument(.alpha, "Where ELU and CeLU end far below zero: at -alpha."),
        activationArgument(.negativeSlope, "Slope of LeakyReLU below zero."),
    ]

    /// An argument of the functions that have it.
    private static func activationArgument(_ argument: Activation.Argument, _ summary: String) -> ConfigurationKey {
        let functions = Activation.Name.allCases.filter { $0.argument?.name == argument }
        return optional(
            core + "activation_function_parameter.activation_function_arguments.\(argument.rawValue)",
            \.potential.activationArguments[argument],
            .number(argument.range.words, where: argument.range.contains),
            unset: functions.first?.argument.map { "\($0.standard)" } ?? "none", summary
        ).only(for: functions)
    }

    /// Keys of potentials that are not supported.
    private static let otherPotentialKeys: [ConfigurationKey] = [
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
    ].flatMap { potential, keys in
        keys.map { .unsupported(core + $0, "it belongs to \(potential); use SchNet or PaiNN") }
    }

    private static let featurizationKeys: [ConfigurationKey] = [
        .value(
            core + "featurization.properties_to_featurize", \.potential.featurizedProperties,
            .list(of: .choice(), named: "properties"),
            "What the initial features of an atom are made of; atomic_number is always among them."),
        .value(
            core + "featurization.atomic_number.maximum_atomic_number", \.potential.maximumAtomicNumber,
            .integer(1...118),
            "Largest atomic number with an embedding."),
        .value(
            core + "featurization.atomic_number.number_of_per_atom_features", \.potential.features,
            .integer(1...4096),
            "Number of features of an atom, the width of the network."),
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

    private static let predictionKeys: [ConfigurationKey] = [
        .value(
            core + "predicted_properties", \.potential.predictedProperties,
            .list(of: .choice(), named: "properties"),
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
                of: .choice(planned: [
                    "per_system_electrostatic_energy", "per_system_zbl_energy", "per_system_vdw_energy",
                ]), named: "properties"),
            "Properties that are processed after the network; charges are conserved only if they are named."
        ).derived("all that are predicted") { configuration in
            configuration.potential.processedProperties = configuration.potential.predictedProperties.compactMap {
                RunConfiguration.ProcessedProperty(rawValue: $0.rawValue)
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
        .unsupported(processing + "per_system_electrostatic_energy", "remove the table"),
        .unsupported(processing + "per_system_zbl_energy", "remove the table"),
        .unsupported(processing + "per_system_vdw_energy", "remove the table"),
        .unsupported(processing + "sum_per_system_energy", "remove the table"),
        .ignored(processing + "per_atom_force", "forces are always the derivative of the energy"),
        .ignored(
            processing + "general_postprocessing_operation",
            "predictions always contain the self-energies"),
    ]
}
