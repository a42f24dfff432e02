import Testing

@testable import ApusRun

/// Values for all keys, different from the defaults.
private let fullConfiguration = """
    [potential]
    potential_name = "SchNet"
    potential_seed = 1
    [potential.core_parameter]
    maximum_interaction_radius = "0.6 nanometer"
    number_of_radial_basis_functions = 50
    number_of_interaction_modules = 6
    number_of_filters = 65
    shared_interactions = true
    activation_function_parameter.activation_function_name = "ELU"
    activation_function_parameter.activation_function_arguments.alpha = 0.5
    predicted_properties = ["per_atom_energy", "per_atom_charge"]
    predicted_dim = [1, 1]
    featurization.properties_to_featurize = ["atomic_number", "per_system_total_charge"]
    featurization.atomic_period.number_of_per_period_features = 5
    featurization.atomic_group.number_of_per_group_features = 6
    featurization.atomic_number = { maximum_atomic_number = 54, number_of_per_atom_features = 64 }
    [potential.postprocessing_parameter]
    properties_to_process = ["per_atom_energy", "per_atom_charge"]
    per_atom_charge = { conserve = false, conserve_strategy = "uniform", atomic_dipoles = true }
    [potential.postprocessing_parameter.per_atom_energy]
    normalize = false
    keep_per_atom_property = true
    [dataset]
    dataset_name = "a \\"name\\" \\\\ \\t\\u0001 é"
    file = "/a.xyz"
    validation_file = "/b.xyz"
    test_file = "/c.xyz"
    source_energy_unit = "kilocalorie_per_mole"
    source_length_unit = "bohr"
    source_force_unit = "kilocalorie_per_mole/bohr"
    source_stress_unit = "gigapascal"
    source_dipole_unit = "debye"
    source_quadrupole_unit = "debye*angstrom"
    forces_are_gradients = true
    opposite_stress_sign = true
    multipole_origin = "coordinates"
    self_energy_source = "regression"
    regression_ase = true
    version_select = "latest"
    element_filter = [[6, 1], [7, -8]]
    maximum_force = "5.0 electronvolt/angstrom"
    maximum_energy_deviation = "2.0 electronvolt"
    maximum_atoms = 30
    charges = [0, -1]
    multiplicities = [1, 3]
    take_every = 2
    configurations_per_record = 3
    record_choice = "random"
    missing_labels = "drop"
    isolated_atoms_file = "/data/atoms.xyz"
    train_on_isolated_atoms = true
    dataset_cache_dir = "/cache"
    properties_of_interest = ["z", "r", "e", "f", "p", "v", "q", "m", "d", "t", "c", "s", "a", "k", "w"]
    [dataset.properties_assignment]
    atomic_numbers = "z"
    positions = "r"
    E = "e"
    F = "f"
    stress = "p"
    virial = "v"
    total_charge = "q"
    spin_multiplicity = "m"
    dipole_moment = "d"
    quadrupole_moment = "t"
    partial_charges = "c"
    per_atom_spin_multiplicity = "s"
    atomic_energies = "a"
    force_mask = "k"
    config_weight = "w"
    [training]
    frozen_parameters = ["embedding", "*.bias"]
    rate_factors = [["readout", 0.25]]
    number_of_epochs = 7
    maximum_time = "60.0 s"
    min_number_of_epochs = 3
    limit_train_batches = 7
    limit_val_batches = 0.5
    limit_test_batches = 1.0
    verbose = false
    plot_frequency = 7
    batch_size = 8
    batch_atoms = 100
    lr = 0.25
    weight_decay = 0.125
    gradient_clip_val = 0.0
    gradient_clip_algorithm = "value"
    skip_nonfinite = 3
    monitor = "val/per_atom_force/mae"
    remove_self_energies = false
    refit_self_energies = false
    shift_energies = "mean"
    shift_center_of_mass_to_origin = true
    [training.optimizer]
    name = "Adam"
    betas = [0.5, 0.75]
    eps = 0.125
    amsgrad = true
    [training.loss_parameter]
    loss_components = ["per_atom_force", "per_system_energy", "per_atom_energy"]
    weight = { per_system_energy = 2.0, per_atom_energy = 3.0, per_atom_force = 4.0 }
    target_weight = { per_system_energy = 3.0 }
    mixing_steps = { per_system_energy = 0.5 }
    form = { per_system_energy = "huber" }
    huber_threshold = { per_system_energy = 0.25 }
    atom_count_exponent = { per_system_energy = 2 }
    [training.early_stopping]
    patience = 11
    min_delta = 0.5
    monitor = "val/per_system_energy/mae"
    [training.splitting_strategy]
    name = "first_come_first_serve"
    data_split = [1.0, 0.0, 0.0]
    seed = 12
    test_seed = 13
    [training.experiment_logger]
    logger_name = "None"
    [training.stochastic_weight_averaging]
    swa_lrs = 0.003
    swa_epoch_start = 0.7
    annealing_epoch = 4
    annealing_strategy = "linear"
    [training.lr_scheduler]
    scheduler_name = "None"
    interval = "step"
    frequency = 17
    mode = "triangular2"
    T_max = 18
    eta_min = 0.03
    T_0 = 19
    T_mult = 20
    max_lr = 0.04
    epochs = 21
    pct_start = 0.05
    anneal_strategy = "linear"
    div_factor = 22.0
    final_div_factor = 23.0
    three_phase = true
    base_lr = 0.06
    epochs_up = 24
    epochs_down = 25
    gamma = 0.07
    cycle_momentum = false
    base_momentum = 0.08
    max_momentum = 0.09
    warmup = { total_iters = 26, start_factor = 0.01, interval = "epoch" }
    factor = 0.75
    patience = 14
    threshold = 0.0625
    threshold_mode = "abs"
    cooldown = 15
    min_lr = 0.03125
    eps = 0.015625
    monitor = "val/per_system_energy/rmse"
    [runtime]
    experiment_name = "x"
    output_directory = "y"
    threads = 3
    precision = "float64"
    seed = 16
    checkpoint_interval = "5.0 s"
    checkpoints_kept = 3
    checkpoint_epochs = 4
    energy_unit = "hartree"
    length_unit = "bohr"

    """

@Suite struct ConfigurationTextTests {
    @Test(arguments: [
        shortConfiguration, fullConfiguration, shortConfiguration.replacing("SchNet", with: "PaiNN"),
        shortConfiguration + "\n[training]\nema_decay = 0.99\n",
        "[potential.core_parameter]\nshared_filters = true\n" + shortConfiguration.replacing("SchNet", with: "PaiNN"),
        shortConfiguration + "\n[training]\noptimizer = {name = \"SGD\", momentum = 0.5, nesterov = true}\n"
            + "lr_scheduler = {scheduler_name = \"CyclicLR\", max_lr = 1, epochs_up = 2, mode = \"exp_range\"}\n",
    ])
    func theTextReadsBackEqual(toml: String) throws {
        let configuration = try resolve(toml).configuration
        var document = try ConfigurationDocument(toml: configuration.toml, file: "/project/config.toml")
        let (again, notices) = try document.resolve()
        #expect(again == configuration)
        #expect(again.toml == configuration.toml)
        #expect(notices.isEmpty)
        try document.apply(override: "training.number_of_epochs=3")
        #expect(try document.resolve().configuration != configuration)
    }

    /// Catches keys that read into, or write from, the place of another key.
    @Test func everyKeyIsReadAndWrittenInItsOwnPlace() throws {
        let document = try ConfigurationDocument(toml: fullConfiguration, file: "run.toml")
        let configuration = try document.resolve().configuration
        let written = try ConfigurationDocument(toml: configuration.toml, file: "run.toml").settings
        let defaults = try resolve(shortConfiguration).configuration
        for key in ConfigurationKey.all {
            guard case .stored(let storage) = key.rule, key.potentials != ["PaiNN"], key.placeholder != "" else {
                continue
            }
            // Energies of elements exclude a regression, index files a division by fractions, Adam what SGD has,
            // one average another, one activation function another; the last is another name.
            let exclusive = [
                "dataset.atomic_self_energies.H", "training.splitting_strategy.index_files",
                "training.optimizer.momentum", "training.optimizer.nesterov", "training.ema_decay",
                "potential.core_parameter.activation_function_parameter.activation_function_arguments.negative_slope",
                "dataset.local_yaml_file",
            ]
            if exclusive.contains(key.path) { continue }
            let given = try #require(document.settings[key.path], "\(key.path) is not in the example")
            #expect(written[key.path]?.value == given.value, "\(key.path)")
            if !key.isRequired { #expect(storage.write(defaults) != given.value, "\(key.path) has its default") }
        }
    }

    /// Each key of a family has a place of its own.
    @Test func keysOfFamiliesAreReadAndWrittenInTheirOwnPlaces() throws {
        let families = ConfigurationKey.all.filter { $0.placeholder != nil }
        #expect(families.count == 118 + 6 * 10)
        for key in families {
            guard case .stored(let storage) = key.rule else { continue }
            let value: SettingValue =
                switch key.table {
                case "dataset.atomic_self_energies": .text("-13.5 eV")
                case "training.loss_parameter.form": .text("absolute")
                case "training.loss_parameter.atom_count_exponent": .integer(2)
                default: .real(0.75)
                }
            var configuration = RunConfiguration()
            try storage.read(value, "", &configuration)
            for other in families {
                guard case .stored(let storage) = other.rule else { continue }
                #expect(storage.write(configuration) == (other.path == key.path ? value : nil), "\(key.path)")
            }
        }
    }

    @Test func keysAreListedOnceAndExplained() {
        let paths = ConfigurationKey.all.map(\.path)
        #expect(Set(paths).count == paths.count)
        let help = RunConfiguration.help()
        for key in ConfigurationKey.all {
            let name = key.placeholder ?? String(key.name)
            #expect(!key.summary.isEmpty && (name.isEmpty || help.contains(name)), "\(key.path)")
        }
        #expect(help.contains("lr = 0.0005\n    Learning rate, before schedules.\n    Takes a number > 0.\n"))
        #expect(help.contains("[training]\nnumber_of_epochs = 100\n"))
        #expect(help.split(separator: "\n").filter { $0 == "[training]" }.count == 1)
    }
}
