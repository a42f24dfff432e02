import ApusChemistry
import ApusDatasets
import ApusTraining

extension ConfigurationKey {
    /// `[dataset]`: the data.
    static func datasetKeys(_ registry: Registry) -> [ConfigurationKey] {
        fileKeys + selectionKeys + selfEnergyKeys + assignmentKeys(registry) + cacheKeys
    }

    private static let fileKeys: [ConfigurationKey] = [
        .value(
            "dataset.dataset_name", \.dataset.name, .text,
            "Name of the data in reports."
        ).derived("the name of the file") { $0.dataset.name = stem(of: $0.dataset.file.text) },
        .value(
            "dataset.file", \.dataset.file, .inputPath, required: true,
            "Data in any format that 'apus data import' reads, or what it wrote; divided by training.splitting_strategy; "
                + "relative to the configuration's folder."),
        .unsupported("dataset.train_file", "name it dataset.file, beside validation_file and test_file"),
        .optional(
            "dataset.validation_file", \.dataset.validationFile, .inputPath, unset: "none",
            "Separate validation data; nothing is then taken from the file for it."),
        .optional(
            "dataset.test_file", \.dataset.testFile, .inputPath, unset: "none",
            "Separate test data; nothing is then taken from the file for it."),
        sourceUnit(.energy, examples: "\"eV\" or \"kilojoule_per_mole\""),
        sourceUnit(.length, examples: "\"angstrom\" or \"nanometer\""),
        sourceUnit(.force, examples: "\"eV/angstrom\"", unset: "what the file says, or energy / length"),
        sourceUnit(.stress, examples: "\"GPa\"", unset: "what the file says, or energy / length^3"),
        sourceUnit(.dipole, examples: "\"debye\"", unset: "what the file says, or e * length"),
        sourceUnit(.quadrupole, examples: "\"debye*angstrom\"", unset: "what the file says, or e * length^2"),
        .value(
            "dataset.forces_are_gradients", \.dataset.forcesAreGradients, .flag,
            "Whether the forces of the files are gradients of the energy, to be negated."),
        .value(
            "dataset.opposite_stress_sign", \.dataset.stressesAreOpposite, .flag,
            "Whether stresses and virials of the files have the opposite sign, stresses positive under compression, to be "
                + "negated."),
        .optional(
            "dataset.multipole_origin", \.dataset.momentOrigin, .choice(), unset: "not known",
            "Point that dipole and quadrupole moments of the files refer to; needed where they depend on it. The model's "
                + "refer to the centre of mass."
        ).derived("center_of_mass where training.shift_center_of_mass_to_origin is true, else not known") {
            if $0.training.shiftsCenterOfMass { $0.dataset.momentOrigin = .centerOfMass }
        },
    ]

    private static func sourceUnit(
        _ dimension: Dimension, examples: String, unset: String = "what the file says"
    ) -> ConfigurationKey {
        .optional(
            "dataset.source_\(dimension)_unit", \.dataset.sourceUnits[dimension],
            .unit(of: dimension, examples: examples), unset: unset,
            "Unit of quantities of this kind in files that do not say it.")
    }

    private static let selectionKeys: [ConfigurationKey] = [
        .optional(
            "dataset.element_filter", \.dataset.elementFilter, .elementFilter, unset: "none",
            "Conditions of which one must hold: the atomic numbers that must be there, and with a minus those that must not."
        ),
        .optional(
            "dataset.maximum_force", \.dataset.maximumForce,
            .quantity(.electronvolt / .angstrom, example: "50 eV/angstrom"), unset: "none",
            "Configurations with a larger force on an atom are left out."),
        .optional(
            "dataset.maximum_energy_deviation", \.dataset.maximumEnergyDeviation,
            .quantity(.electronvolt, example: "2 eV"), unset: "none",
            "Configurations whose energy per atom is further from the median of their composition are left out."),
        .optional(
            "dataset.maximum_atoms", \.dataset.maximumAtoms, .integer(1...1_000_000), unset: "none",
            "Larger systems are left out."),
        .optional(
            "dataset.charges", \.dataset.charges, .list(of: .integer(-100...100), named: "charges"), unset: "all",
            "Total charges in e that are kept."),
        .optional(
            "dataset.multiplicities", \.dataset.multiplicities, .list(of: .integer(1...100), named: "multiplicities"),
            unset: "all", "Spin multiplicities that are kept."),
        .value(
            "dataset.take_every", \.dataset.takeEvery, .integer(1...1_000_000_000),
            "One configuration of so many is kept."),
        .optional(
            "dataset.configurations_per_record", \.dataset.perRecord, .integer(1...1_000_000_000), unset: "all",
            "So many configurations of each molecule are kept."),
        .value(
            "dataset.record_choice", \.dataset.recordChoice, .choice(),
            "Which configurations of a molecule are kept when not all are."),
        .value(
            "dataset.missing_labels", \.dataset.missingLabels, .choice(),
            "What happens to configurations that lack a label which the loss compares, or have a NaN in its place: they are "
                + "left out, count for the components whose labels they have, or are an error."),
    ]

    private static let selfEnergyKeys: [ConfigurationKey] =
        [
            .value(
                "dataset.self_energy_source", \.dataset.selfEnergySource, .choice(),
                "Where self-energies come from: the table below, the data file, its isolated atoms, or a regression on the "
                    + "training part; automatic takes the first of table, file, isolated atoms of all elements and "
                    + "regression that there is."),
            .optional(
                "dataset.isolated_atoms_file", \.dataset.isolatedAtomsFile, .inputPath, unset: "dataset.file",
                "Data with single atoms, whose energies are the self-energies."),
            .value(
                "dataset.train_on_isolated_atoms", \.dataset.trainsOnIsolatedAtoms, .flag,
                "Whether single atoms in the data are trained on and compared too, beside giving self-energies."),
            .flagChoosing(
                "dataset.regression_ase", "Whether self-energies come from a regression (modelforge's key).",
                isChosen: { $0.dataset.selfEnergySource == .regression }
            ) { $0.dataset.selfEnergySource = .regression },
        ]
        + family(
            "dataset.atomic_self_energies", of: Element.all.map(\.atomicNumber), as: "<element>",
            name: { Element.all[$0 - 1].symbol }, { \.dataset.selfEnergies[$0] },
            .quantity(.electronvolt, example: "-13.6 eV"), unset: "none", "Self-energy of an element, such as H.")

    private static let assignment = "dataset.properties_assignment."

    private static func assignmentKeys(_ registry: Registry) -> [ConfigurationKey] {
        [
            .optional(
                "dataset.properties_of_interest", \.dataset.properties,
                .list(of: .text, named: "texts"), unset: "those that are assigned",
                "Properties to read; every assigned property must be among them.")
        ]
            + registry.properties.map { property in
                .optional(
                    assignment + property.key, \.dataset.assignment[property], .nameOrNothing, unset: usualName,
                    "Name of the \(property.name) in the file.")
            }
    }

    private static let cacheKeys: [ConfigurationKey] = [
        .optional(
            "dataset.version_select", \.dataset.version, .text, unset: "none",
            "Version of a data set of modelforge, which is chosen in a YAML description; other files are read as they are. The key "
                + "marks a configuration of modelforge, whose units are kJ/mol and nm."),
        .ignored("dataset.num_workers", "data are read by the program itself; see runtime.threads"),
        .ignored("dataset.pin_memory", unless: [.flag(false)], "nothing is copied to an accelerator"),
        .ignored(
            "dataset.regenerate_processed_cache", unless: [.flag(false)],
            "data are imported anew whenever they or their options change"),
        .optional(
            "dataset.dataset_cache_dir", \.dataset.cacheFolder, .text, unset: "$APUS_CACHE, or ~/.cache/apus",
            "Folder in which data are imported once; relative to the current directory."),
        .alias(
            "dataset.local_yaml_file", of: "dataset.file", \.dataset.file, .inputPath,
            "Description of a data set in modelforge's YAML, in place of dataset.file: the HDF5 file, which is here or beside "
                + "the description, its MD5 digest and the self-energies."),
    ]

    private static let usualName = "the usual names of the format"

    /// `QM9` of `/data/QM9.extxyz`.
    private static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last ?? "dataset"
        return String(name.prefix { $0 != "." }.isEmpty ? name : name.prefix { $0 != "." })
    }
}
