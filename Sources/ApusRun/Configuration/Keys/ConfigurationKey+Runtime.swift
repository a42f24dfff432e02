import ApusChemistry

extension ConfigurationKey {
    /// `[runtime]`: folder, threads, precision and units.
    static let runtimeKeys: [ConfigurationKey] = [
        .value(
            "runtime.experiment_name", \.runtime.experimentName, .text,
            "Name of the run; {potential_name} and {dataset_name} are replaced."),
        .value(
            "runtime.output_directory", \.runtime.outputDirectory, .text,
            "Run folder, relative to the current directory; {experiment_name} is replaced."),
        .optional(
            "runtime.threads", \.runtime.threads, .integer(1...4096), unset: "one per core",
            "Number of threads; results do not depend on it."),
        .value(
            "runtime.precision", \.runtime.precision, .choice(),
            "Precision of the network; energies are summed in float64 either way."),
        .value(
            "runtime.seed", \.runtime.seed, .seed,
            "Seed of everything random that has no seed of its own."),
        .value(
            "runtime.checkpoint_interval", \.runtime.checkpointInterval, .duration,
            "Least time between two checkpoints; there is always one after the first epoch, at the end and when the run is "
                + "interrupted."),
        .value(
            "runtime.checkpoints_kept", \.runtime.checkpointsKept, .integer(1...1_000_000),
            "How many of the newest checkpoints are kept."),
        .optional(
            "runtime.checkpoint_epochs", \.runtime.checkpointEpochs, .integer(1...1_000_000_000), unset: "none",
            "A checkpoint is kept for good after every so many epochs."),
        .value(
            "runtime.energy_unit", \.runtime.energyUnit,
            .unit(of: .energy, examples: "\"eV\" or \"kilojoule_per_mole\""),
            "Unit of energies in the run and its results; training does not depend on it."
        ).derived("eV, or kJ/mol in configurations of modelforge, which have dataset.version_select") {
            if $0.dataset.version != nil { $0.runtime.energyUnit = .kilojoulePerMole }
        },
        .value(
            "runtime.length_unit", \.runtime.lengthUnit,
            .unit(of: .length, examples: "\"angstrom\" or \"nanometer\""),
            "Unit of lengths in the run and its results; training does not depend on it."
        ).derived("angstrom, or nm in configurations of modelforge, which have dataset.version_select") {
            if $0.dataset.version != nil { $0.runtime.lengthUnit = .nanometer }
        },
        .fixed("runtime.accelerator", .text("cpu"), "Kind of processor."),
        .unsupported(
            "runtime.checkpoint_path", unless: [.text("None")], "remove it, and go on with 'apus resume RUN'"),
        .ignored("runtime.number_of_nodes", unless: [.integer(1)], "the run uses one machine"),
        .ignored(
            "runtime.devices", unless: [.integer(1), .list([.integer(0)])],
            "the run uses one processor; see runtime.threads"),
        .ignored("runtime.local_cache_dir", "there is no cache"),
        .ignored("runtime.simulation_environment", "the program uses neither PyTorch nor JAX"),
        .ignored("runtime.log_every_n_steps", "metrics are logged every epoch"),
        .ignored("runtime.verbose", "progress is shown unless --quiet is given"),
    ]
}
