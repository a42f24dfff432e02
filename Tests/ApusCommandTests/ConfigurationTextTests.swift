import Testing

@testable import ApusCommand

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
    activation_function_parameter.activation_function_name = "Tanh"
    featurization.atomic_number = { maximum_atomic_number = 54, number_of_per_atom_features = 64 }
    [potential.postprocessing_parameter.per_atom_energy]
    normalize = false
    [dataset]
    dataset_name = "a \\"name\\" \\\\ \\t\\u0001 é"
    file = "/a.xyz"
    validation_file = "/b.xyz"
    test_file = "/c.xyz"
    source_energy_unit = "kilocalorie_per_mole"
    source_length_unit = "bohr"
    source_force_unit = "kilocalorie_per_mole/bohr"
    properties_of_interest = ["z", "r", "e", "f"]
    properties_assignment = { atomic_numbers = "z", positions = "r", E = "e", F = "f" }
    [training]
    number_of_epochs = 7
    maximum_time = "60.0 s"
    batch_size = 8
    lr = 0.25
    weight_decay = 0.125
    gradient_clip_val = 0.0
    monitor = "val/per_atom_force/mae"
    remove_self_energies = false
    [training.loss_parameter]
    loss_components = ["per_atom_force", "per_system_energy", "per_atom_energy"]
    weight = { per_system_energy = 2.0, per_atom_energy = 3.0, per_atom_force = 4.0 }
    [training.early_stopping]
    patience = 11
    min_delta = 0.5
    monitor = "val/per_system_energy/mae"
    [training.splitting_strategy]
    name = "first_come_first_serve"
    data_split = [1.0, 0.0, 0.0]
    seed = 12
    test_seed = 13
    [training.lr_scheduler]
    scheduler_name = "None"
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
    energy_unit = "hartree"
    length_unit = "bohr"

    """

@Suite struct ConfigurationTextTests {
    @Test(arguments: [
        shortConfiguration, fullConfiguration, shortConfiguration.replacing("SchNet", with: "PaiNN"),
        "[potential.core_parameter]\nshared_filters = true\n" + shortConfiguration.replacing("SchNet", with: "PaiNN"),
    ])
    func theTextReadsBackEqual(toml: String) throws {
        let configuration = try resolve(toml).configuration
        var document = try ConfigurationDocument(toml: configuration.toml, file: "/work/config.toml")
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
            guard case .stored(let storage) = key.rule, key.potential != .paiNN else { continue }
            let given = try #require(document.settings[key.path], "\(key.path) is not in the example")
            #expect(written[key.path]?.value == given.value, "\(key.path)")
            if !key.isRequired { #expect(storage.write(defaults) != given.value, "\(key.path) has its default") }
        }
    }

    @Test func keysAreListedOnceAndExplained() {
        let paths = ConfigurationKey.all.map(\.path)
        #expect(Set(paths).count == paths.count)
        let help = ConfigurationKey.helpText
        for key in ConfigurationKey.all {
            #expect(!key.summary.isEmpty && help.contains(key.name), "\(key.path)")
        }
        #expect(help.contains("lr = 0.0005\n    Learning rate of AdamW.\n    Takes a number > 0.\n"))
        #expect(help.contains("[training]\nnumber_of_epochs = 100\n"))
        #expect(help.split(separator: "\n").filter { $0 == "[training]" }.count == 1)
    }
}
