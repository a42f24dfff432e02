import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import Testing

@testable import ApusRun

/// The shortest file that says all that has no default.
let shortConfiguration = """
    [potential]
    potential_name = "SchNet"

    [dataset]
    file = "data/ethanol.extxyz"

    """

/// Resolves the text of a file in the folder /project.
func resolve(_ toml: String, overrides: [String] = []) throws -> (configuration: RunConfiguration, notices: [String]) {
    var document = try ConfigurationDocument(toml: toml, file: "/project/run.toml")
    for option in overrides { try document.apply(override: option) }
    return try document.resolve()
}

@Suite struct ConfigurationReadingTests {
    @Test func aShortFileGetsDefaults() throws {
        let (configuration, notices) = try resolve(shortConfiguration)
        #expect(notices.isEmpty)
        var expected = RunConfiguration()
        expected.dataset.name = "ethanol"
        expected.dataset.file = InputPath(text: "data/ethanol.extxyz", folder: "/project/")
        expected.training.lossWeights = [.energy: 0.01, .forces: 0.99]
        expected.runtime.experimentName = "SchNet-ethanol"
        expected.runtime.outputDirectory = "runs/SchNet-ethanol"
        #expect(configuration == expected)
        let network = try #require(try configuration.potential.makeNetwork(lengthUnit: .nanometer) as? SchNet)
        #expect(network.features == 128 && network.interactions == 3)
        #expect(network.radialBasis.count == 20)
        #expect(network.cutoff == 0.5)
    }

    @Test func defaultsFollowOtherKeys() throws {
        let configuration = try resolve(
            """
            [potential]
            potential_name = "painn"
            [potential.core_parameter.featurization.atomic_number]
            number_of_per_atom_features = 64
            [dataset]
            file = "a.npz"
            test_file = "b.npz"
            [training]
            monitor = "val/per_atom_force/rmse"
            loss_parameter = { loss_components = ["per_atom_force"] }
            [runtime]
            seed = 7
            """
        ).configuration
        #expect(configuration.potential.network.name == "PaiNN")
        #expect(try configuration.potential.makeNetwork(lengthUnit: .angstrom).activation == .silu)
        #expect(configuration.potential.seed == 7)
        #expect(configuration.potential.network[HyperparameterKey.features] == .integer(64))
        #expect(configuration.training.split.sizes == .fractions(training: 0.9, validation: 0.1, test: 0))
        #expect(configuration.training.split.seed == 42)
        #expect(configuration.training.lossWeights == [.forces: 1])
        #expect(configuration.training.earlyStopping.monitor.name == "val/per_atom_force/rmse")
        #expect(configuration.training.schedule.monitor.name == "val/per_atom_force/rmse")
    }

    @Test func aGivenValueBeatsTheDerivedOne() throws {
        let configuration = try resolve(
            shortConfiguration,
            overrides: [
                "potential.potential_seed=3", "potential.core_parameter.number_of_filters=32",
                "training.monitor=val/per_atom_force/mae", "training.lr_scheduler.monitor=val/loss",
            ]
        ).configuration
        #expect(configuration.potential.seed == 3)
        #expect(configuration.potential.network["number_of_filters"] == .integer(32))
        #expect(configuration.training.schedule.monitor == .loss)
        #expect(configuration.training.earlyStopping.monitor.name == "val/per_atom_force/mae")
    }

    @Test func aFileOfModelforgeIsReadWithNotices() throws {
        let (configuration, notices) = try resolve(
            """
            [potential]
            potential_name = "PaiNN"
            only_unique_pairs = false
            potential_seed = 1234
            [potential.core_parameter]
            number_of_radial_basis_functions = 16
            maximum_interaction_radius = "0.5 nanometer"
            number_of_interaction_modules = 3
            shared_interactions = false
            shared_filters = false
            predicted_properties = ["per_atom_energy"]
            predicted_dim = [1]
            [potential.core_parameter.featurization]
            properties_to_featurize = ["atomic_number"]
            [potential.core_parameter.featurization.atomic_number]
            maximum_atomic_number = 101
            number_of_per_atom_features = 32
            [potential.core_parameter.activation_function_parameter]
            activation_function_name = "SiLU"
            [potential.postprocessing_parameter]
            properties_to_process = ["per_atom_energy"]
            [potential.postprocessing_parameter.per_atom_energy]
            normalize = true
            from_atom_to_system_reduction = true
            keep_per_atom_property = true
            [dataset]
            dataset_name = "phalkethoh"
            file = "phalkethoh.npz"
            version_select = "nc_1000_v0"
            num_workers = 4
            pin_memory = false
            properties_of_interest = ["atomic_numbers", "positions", "energies", "forces"]
            [dataset.properties_assignment]
            atomic_numbers = "atomic_numbers"
            positions = "positions"
            E = "energies"
            F = "forces"
            [training]
            number_of_epochs = 2
            batch_size = 128
            lr = 5e-4
            gradient_clip_val = 5
            monitor = "val/per_system_energy/rmse"
            remove_self_energies = true
            shift_center_of_mass_to_origin = false
            [training.experiment_logger]
            logger_name = "tensorboard"
            [training.experiment_logger.tensorboard_configuration]
            save_dir = "logs"
            [training.lr_scheduler]
            scheduler_name = "ReduceLROnPlateau"
            frequency = 1
            mode = "min"
            factor = 0.1
            patience = 10
            cooldown = 5
            min_lr = 1e-8
            threshold = 0.1
            threshold_mode = "abs"
            monitor = "val/per_system_energy/rmse"
            interval = "epoch"
            [training.loss_parameter]
            loss_components = ["per_system_energy"]
            weight = { per_system_energy = 1 }
            [training.early_stopping]
            verbose = true
            monitor = "val/per_system_energy/rmse"
            min_delta = 0.001
            patience = 50
            [training.splitting_strategy]
            name = "random_record_splitting_strategy"
            data_split = [0.8, 0.1, 0.1]
            seed = 42
            [runtime]
            experiment_name = "{potential_name}_{dataset_name}"
            local_cache_dir = "./cache"
            accelerator = "cpu"
            number_of_nodes = 1
            devices = 1
            checkpoint_path = "None"
            simulation_environment = "PyTorch"
            log_every_n_steps = 1
            """)
        #expect(configuration.runtime.experimentName == "PaiNN_phalkethoh")
        #expect(configuration.training.schedule.chosen["threshold_mode"]?.text == "abs")
        #expect(configuration.training.split.strategy == .randomRecord)
        #expect(configuration.training.lossWeights == [.energy: 1])
        // Files of modelforge mean its units.
        #expect(configuration.runtime.energyUnit == .kilojoulePerMole && configuration.runtime.lengthUnit == .nanometer)
        #expect(configuration.potential.keepsAtomicEnergies)
        #expect(configuration.training.logger.name == .tensorBoard && configuration.training.logger.hasHistograms)
        // One notice for each key that means nothing here, none for those that ask for what happens anyway.
        let named = notices.map { $0.prefix { $0 != " " } }
        #expect(
            Set(named) == [
                "potential.only_unique_pairs", "dataset.num_workers",
                "training.experiment_logger.tensorboard_configuration.save_dir", "training.early_stopping.verbose",
                "runtime.local_cache_dir",
                "runtime.simulation_environment", "runtime.log_every_n_steps",
            ])
        #expect(named.count == Set(named).count)
    }

    @Test(arguments: [
        ("14 min", 840_000), ("90s", 90_000), ("1.5 hours", 5_400_000), ("0.25 second", 250), ("2 d", 172_800_000),
    ])
    func durations(text: String, milliseconds: Int) throws {
        let configuration = try resolve(shortConfiguration, overrides: ["training.maximum_time=\(text)"]).configuration
        #expect(configuration.training.maximumTime == .milliseconds(milliseconds))
    }

    @Test func dataFilesAreRelativeToTheConfigurationAndOptionsToTheCurrentFolder() throws {
        let configuration = try resolve(
            shortConfiguration,
            overrides: ["dataset.test_file=/abs/t.xyz", "dataset.validation_file=v.xyz"]
        ).configuration
        let dataset = configuration.dataset
        #expect(dataset.file.path == "/project/data/ethanol.extxyz" && dataset.file.text == "data/ethanol.extxyz")
        #expect(dataset.testFile?.path == "/abs/t.xyz")
        #expect(dataset.validationFile?.path == "v.xyz")
        #expect(configuration.training.split.sizes == .fractions(training: 1, validation: 0, test: 0))
    }

    @Test(arguments: [("a", "/x"), ("a", "/x/"), ("/x/a", "y"), ("x/a", "/")])
    func pathsAreJoinedWithOneSlash(path: String, folder: String) {
        #expect(InputPath(text: path, folder: folder).path == "/x/a")
    }

    @Test(arguments: [
        ("[950, 50, 0]", Split.Sizes.counts(training: 950, validation: 50, test: 0)),
        ("[8, 1, 1]", .counts(training: 8, validation: 1, test: 1)),
        ("[0.7, 0.2, 0.1]", .fractions(training: 0.7, validation: 0.2, test: 0.1)),
        ("[0.5, 0.5, 0]", .fractions(training: 0.5, validation: 0.5, test: 0)),
    ])
    func splitsAreFractionsOrCounts(text: String, sizes: Split.Sizes) throws {
        let configuration = try resolve(
            shortConfiguration + "[training.splitting_strategy]\ndata_split = \(text)"
        ).configuration
        #expect(configuration.training.split.sizes == sizes)
        #expect(configuration.toml.contains("\ndata_split = \(sizes)\n"))
        #expect(try resolve(configuration.toml).configuration.training.split.sizes == sizes)
    }

    @Test func filesAreReadFromDisk() throws {
        #expect {
            try RunConfiguration.read(path: "/nonexistent/run.toml")
        } throws: {
            ($0 as? ApusError)?.kind == .missingInput
        }
    }
}
