import ApusDatasets
import ApusPotentials
import ApusTraining
import Testing

@testable import ApusRun

/// Configurations in the form of those that come with modelforge: every key that its schema requires, and more.
@Suite struct ModelforgeFileTests {
    private static let schNet = """
        [potential]
        potential_name = "SchNet"
        [potential.core_parameter]
        number_of_radial_basis_functions = 20
        maximum_interaction_radius = "5.0 angstrom"
        number_of_interaction_modules = 3
        number_of_filters = 32
        shared_interactions = false
        predicted_properties = ["per_atom_energy", "per_atom_charge"]
        predicted_dim = [1, 1]
        [potential.core_parameter.activation_function_parameter]
        activation_function_name = "ShiftedSoftplus"
        [potential.core_parameter.featurization]
        properties_to_featurize = ["atomic_number", "per_system_total_charge", "atomic_period"]
        [potential.core_parameter.featurization.atomic_number]
        maximum_atomic_number = 101
        number_of_per_atom_features = 32
        [potential.core_parameter.featurization.atomic_period]
        maximum_period = 8
        number_of_per_period_features = 16
        [potential.postprocessing_parameter]
        properties_to_process = ["per_atom_energy", "per_atom_charge"]
        [potential.postprocessing_parameter.per_atom_energy]
        normalize = true
        from_atom_to_system_reduction = true
        keep_per_atom_property = true
        [potential.postprocessing_parameter.per_atom_charge]
        conserve = true
        conserve_strategy = "default"
        """

    private static let rest = """

        [dataset]
        dataset_name = "SPICE2"
        version_select = "nc_1000_HCNOFClS"
        num_workers = 12
        pin_memory = true
        regression_ase = false
        properties_of_interest = ["atomic_numbers", "positions", "dft_total_energy", "dft_total_force", "total_charge", \
        "scf_dipole"]
        file = "spice.extxyz"
        [dataset.properties_assignment]
        atomic_numbers = "atomic_numbers"
        positions = "positions"
        E = "dft_total_energy"
        F = "dft_total_force"
        total_charge = "total_charge"
        dipole_moment = "scf_dipole"
        [training]
        number_of_epochs = 100
        remove_self_energies = true
        shift_center_of_mass_to_origin = true
        batch_size = 512
        lr = 5e-4
        monitor = "val/per_system_energy/rmse"
        gradient_clip_val = 5.0
        shift_energies = "mean"
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
        loss_components = ["per_system_energy", "per_atom_force", "per_system_dipole_moment"]
        [training.loss_parameter.weight]
        per_system_energy = 0.001
        per_atom_force = 1.0
        per_system_dipole_moment = 0.01
        [training.loss_parameter.target_weight]
        per_system_energy = 1.0
        per_atom_force = 0.01
        per_system_dipole_moment = 0.01
        [training.loss_parameter.mixing_steps]
        per_system_energy = 0.1
        per_atom_force = -0.1
        per_system_dipole_moment = 1.0
        [training.early_stopping]
        verbose = true
        monitor = "val/per_system_energy/rmse"
        min_delta = 0.001
        patience = 50
        [training.splitting_strategy]
        name = "random_record_splitting_strategy"
        data_split = [0.7, 0.2, 0.1]
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
        verbose = true
        """

    @Test func schNetMeansTheSame() throws {
        let configuration = try resolve(Self.schNet + Self.rest).configuration
        #expect(configuration.runtime.energyUnit == .kilojoulePerMole && configuration.runtime.lengthUnit == .nanometer)
        #expect(configuration.dataset.momentOrigin == .centerOfMass)
        #expect(configuration.training.energyShift == .mean)
        #expect(configuration.potential.heads.map { AnyHashable($0) } == [AnyHashable(ChargeHead())])
        var featurization = Featurization(totalCharge: true)
        featurization.periodFeatures = 16
        #expect(configuration.potential.featurization == featurization)
        let loss = configuration.training.loss(in: .kilojoulePerMoleNanometer)
        #expect(loss.terms.map(\.name) == ["per_system_energy", "per_atom_force", "per_system_dipole_moment"])
        // arange(1, 0.01, −0.1), then the target.
        let forces = (1...12).map { loss.terms[1].weight.weight(epoch: $0) }
        for (k, weight) in forces.prefix(10).enumerated() { #expect(abs(weight - (1 - 0.1 * Double(k))) < 1e-12) }
        #expect(forces[10] == 0.01 && forces[11] == 0.01)
        let schNet = try #require(try configuration.potential.makeNetwork(lengthUnit: .nanometer) as? SchNet)
        #expect(abs(schNet.cutoff - 0.5) < 1e-12 && schNet.filters == 32 && schNet.embeddingRows == 102)
    }

    @Test func paiNNMeansTheSame() throws {
        let paiNN = Self.schNet.replacing("SchNet", with: "PaiNN").replacing(
            "number_of_filters = 32", with: "shared_filters = false"
        )
        .replacing("ShiftedSoftplus", with: "SiLU")
        let configuration = try resolve(paiNN + Self.rest).configuration
        #expect(configuration.potential.network.name == "PaiNN")
        #expect(try configuration.potential.makeNetwork(lengthUnit: .angstrom).activation == .silu)
    }

    @Test(arguments: [
        ("training.lr_scheduler.T_max=10", "belongs to CosineAnnealingLR, but training.lr_scheduler.scheduler_name is"),
        ("potential.core_parameter.angle_sections=4", "it belongs to ANI2x; use SchNet or PaiNN"),
        ("training.stochastic_weight_averaging={swa_epoch_start=0.5}", "no effect, because"),
        ("training.stochastic_weight_averaging={swa_lrs=1e-3,avg_fn=\"f\"}", "is not supported yet; remove it"),
        ("training={ema_decay=0.9,stochastic_weight_averaging={swa_lrs=1e-3}}", "are two averages of the parameters"),
        ("potential.postprocessing_parameter.per_system_zbl_energy={calculate_zbl=true}", "is not supported yet"),
        ("potential.core_parameter.predicted_dim=[1]", "has 1 numbers for 2 properties; give a 1 for each of them"),
        ("potential.core_parameter.predicted_properties=[\"per_atom_charge\"]", "has no \"per_atom_energy\"; add it"),
        (
            "potential.core_parameter={predicted_properties=[\"per_atom_energy\"]}",
            "does not name what makes the dipole moment, which \"per_system_dipole_moment\" trains; add \"per_atom_charge\""
        ),
        (
            "potential.core_parameter.featurization.properties_to_featurize=[\"atomic_group\"]",
            "has no \"atomic_number\"; add it, potentials tell elements apart by it"
        ),
        ("training.monitor=val/per_atom_charge/mae", "but loss_components has no \"per_atom_charge\""),
    ])
    func whatCannotBeObeyedIsRefusedWithTheReason(option: String, sentence: String) {
        let error = #expect(throws: (any Error).self) {
            _ = try resolve(Self.schNet + Self.rest, overrides: [option])
        }
        #expect("\(error!)".contains(sentence), "\(error!)")
    }
}
