import ApusChemistry

extension ConfigurationKey {
    /// `[dataset]`: the data.
    static let datasetKeys: [ConfigurationKey] = fileKeys + assignmentKeys + cacheKeys

    private static let fileKeys: [ConfigurationKey] = [
        .value(
            "dataset.dataset_name", \.dataset.name, .text,
            "Name of the data in reports."
        ).derived("the name of the file") { $0.dataset.name = stem(of: $0.dataset.file.text) },
        .value(
            "dataset.file", \.dataset.file, .inputPath, required: true,
            "Extended XYZ or npz file, divided by training.splitting_strategy; relative to the configuration's folder."),
        .unsupported("dataset.train_file", "name it dataset.file, beside validation_file and test_file"),
        .optional(
            "dataset.validation_file", \.dataset.validationFile, .inputPath, unset: "none",
            "Separate validation data; nothing is then taken from the file for it."),
        .optional(
            "dataset.test_file", \.dataset.testFile, .inputPath, unset: "none",
            "Separate test data; nothing is then taken from the file for it."),
        .optional(
            "dataset.source_energy_unit", \.dataset.sourceEnergyUnit,
            .unit(of: .energy, examples: "\"eV\" or \"kilojoule_per_mole\""), unset: "what the file says",
            "Unit of energies in files that do not say it."),
        .optional(
            "dataset.source_length_unit", \.dataset.sourceLengthUnit,
            .unit(of: .length, examples: "\"angstrom\" or \"nanometer\""), unset: "what the file says",
            "Unit of positions in files that do not say it."),
        .optional(
            "dataset.source_force_unit", \.dataset.sourceForceUnit,
            .unit(of: .force, examples: "\"eV/angstrom\""),
            unset: "what the file says, or energy / length",
            "Unit of forces in files that do not say it."),
    ]

    private static let assignment = "dataset.properties_assignment."

    private static let assignmentKeys: [ConfigurationKey] = [
        .optional(
            "dataset.properties_of_interest", \.dataset.properties,
            .list(of: .text, named: "texts"), unset: "those that are assigned",
            "Properties to read; every assigned property must be among them."),
        .optional(
            assignment + "atomic_numbers", \.dataset.atomicNumbersName, .text, unset: usualName,
            "Name of the elements in the file."),
        .optional(
            assignment + "positions", \.dataset.positionsName, .text, unset: usualName,
            "Name of the positions in the file."),
        .optional(
            assignment + "E", \.dataset.energyName, .text, unset: usualName,
            "Name of the energy in the file."),
        .optional(
            assignment + "F", \.dataset.forcesName, .text, unset: usualName,
            "Name of the forces in the file."),
        .unsupported(assignment + "total_charge", "remove it"),
        .unsupported(assignment + "dipole_moment", "remove it"),
        .unsupported(assignment + "quadrupole_moment", "remove it"),
        .unsupported(assignment + "spin_multiplicity", "remove it"),
        .unsupported(assignment + "partial_charges", "remove it"),
        .unsupported(assignment + "per_atom_spin_multiplicity", "remove it"),
        .unsupported("dataset.element_filter", "leave the unwanted molecules out of the file"),
        .unsupported(
            "dataset.regression_ase", unless: [.flag(false)],
            "use training.remove_self_energies, which fits self-energies to the training part"),
    ]

    private static let cacheKeys: [ConfigurationKey] = [
        .ignored("dataset.version_select", "the file given is read as it is"),
        .ignored("dataset.num_workers", "data are read by the program itself; see runtime.threads"),
        .ignored("dataset.pin_memory", unless: [.flag(false)], "nothing is copied to an accelerator"),
        .ignored("dataset.regenerate_processed_cache", unless: [.flag(false)], "there is no cache"),
        .ignored("dataset.dataset_cache_dir", "there is no cache"),
        .unsupported("dataset.local_yaml_file", "name the data with dataset.file"),
    ]

    private static let usualName = "the usual names of the format"

    /// `QM9` of `/data/QM9.extxyz`.
    private static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last ?? "dataset"
        return String(name.prefix { $0 != "." }.isEmpty ? name : name.prefix { $0 != "." })
    }
}
