import ApusChemistry

extension ConfigurationKey {
    /// `[potential]`: the architecture.
    static let potentialKeys: [ConfigurationKey] =
        architectureKeys + featurizationKeys + predictionKeys

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
            .positiveQuantity(.angstrom, example: "5.0 angstrom"),
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
            .choice(planned: ["ReLU", "CeLU", "GeLU", "Sigmoid", "Softmax", "LeakyReLU", "ELU"]),
            "Activation function between layers."
        ).derived("ShiftedSoftplus for SchNet, SiLU for PaiNN") {
            $0.potential.activation = $0.potential.name == .schNet ? .shiftedSoftplus : .silu
        },
        .unsupported(
            core + "activation_function_parameter.activation_function_arguments",
            "remove it, the activation functions on offer have no arguments"),
    ]

    private static let featurizationKeys: [ConfigurationKey] = [
        .fixed(
            core + "featurization.properties_to_featurize", .list([.text("atomic_number")]),
            "What the initial features of an atom are made of."),
        .value(
            core + "featurization.atomic_number.maximum_atomic_number", \.potential.maximumAtomicNumber,
            .integer(1...118),
            "Largest atomic number with an embedding."),
        .value(
            core + "featurization.atomic_number.number_of_per_atom_features", \.potential.features,
            .integer(1...4096),
            "Number of features of an atom, the width of the network."),
        .unsupported(core + "featurization.atomic_period", "use atomic_number alone"),
        .unsupported(core + "featurization.atomic_group", "use atomic_number alone"),
    ]

    private static let processing = "potential.postprocessing_parameter."

    private static let predictionKeys: [ConfigurationKey] = [
        .fixed(
            core + "predicted_properties", .list([.text("per_atom_energy")]),
            "What the network predicts for every atom."),
        .fixed(core + "predicted_dim", .list([.integer(1)]), "Number of values of each predicted property."),
        .fixed(
            processing + "properties_to_process", .list([.text("per_atom_energy")]),
            "Properties that are processed after the network."),
        .value(
            processing + "per_atom_energy.normalize", \.potential.normalizesEnergy, .flag,
            "Whether atomic energies are scaled and shifted by statistics of the training part."),
        .fixed(
            processing + "per_atom_energy.from_atom_to_system_reduction", .flag(true),
            "Whether atomic energies are summed to the energy of the system."),
        .ignored(
            processing + "per_atom_energy.keep_per_atom_property", unless: [.flag(false)],
            "predictions contain energies of systems"),
        .unsupported(processing + "per_atom_charge", "remove the table"),
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
