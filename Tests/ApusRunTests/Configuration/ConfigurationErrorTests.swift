import ApusFiles
import Testing

@testable import ApusRun

/// A mistake in a configuration file and the sentence it must give.
struct Mistake: Sendable, CustomTestStringConvertible {
    let toml: String
    let sentence: String
    var testDescription: String { sentence }

    init(_ toml: String, _ sentence: String) {
        self.toml = toml
        self.sentence = sentence
    }
}

@Suite struct ConfigurationErrorTests {
    private func message(_ toml: String) -> String {
        do {
            _ = try resolve(toml)
            return "no error"
        } catch let error as ApusError {
            #expect(error.kind == .configuration && error.exitCode == 78)
            return error.description
        } catch {
            return "another error: \(error)"
        }
    }

    /// The short configuration, which has six lines, and more.
    private func messageWith(_ toml: String) -> String { message(shortConfiguration + toml) }

    @Test(arguments: [
        Mistake(
            "[training]\nbatchsize = 3",
            "/project/run.toml, line 7: unknown key 'training.batchsize' (did you mean 'batch_size'?)."),
        Mistake("[trainig]\nlr = 1e-3", "/project/run.toml, line 7: unknown key 'trainig' (did you mean 'training'?)."),
        Mistake("[trainig]", "/project/run.toml, line 6: unknown key 'trainig' (did you mean 'training'?)."),
        Mistake(
            "[runtime]\nbatch_size = 3",
            "/project/run.toml, line 7: unknown key 'runtime.batch_size' (did you mean 'training.batch_size'?)."),
        Mistake(
            "[training.splitting_strategy]\nfolds = 3",
            "/project/run.toml, line 7: unknown key 'training.splitting_strategy.folds'; "
                + "the keys of [training.splitting_strategy] are name, data_split, seed, test_seed, index_files."),
        Mistake(
            "xyzzy = 1", "/project/run.toml, line 6: unknown key 'dataset.xyzzy'; the keys of [dataset] are "),
        Mistake(
            "[training.loss_parameter.weight]\nper_atom_forces = 1",
            "/project/run.toml, line 7: unknown key 'training.loss_parameter.weight.per_atom_forces' "
                + "(did you mean 'per_atom_force'?)."),
        Mistake("training = 3", "/project/run.toml, line 6: unknown key 'dataset.training'"),
        Mistake(
            "[training.lr]\nvalue = 3", "/project/run.toml, line 7: training.lr is a number > 0, not a table."),
        Mistake(
            "[[training]]\nlr = 3", "/project/run.toml, line 6: training is a table of keys, found [{lr = 3}]."),
    ])
    func unknownKeys(_ mistake: Mistake) {
        #expect(messageWith(mistake.toml).hasPrefix(mistake.sentence))
    }

    @Test(arguments: [
        Mistake("lr = -1e-3", "/project/run.toml, line 7: training.lr takes a number > 0, found -0.001."),
        Mistake("lr = nan", "/project/run.toml, line 7: training.lr takes a number > 0, found nan."),
        Mistake("lr = \"fast\"", "/project/run.toml, line 7: training.lr takes a number > 0, found \"fast\"."),
        Mistake(
            "number_of_epochs = 0",
            "/project/run.toml, line 7: training.number_of_epochs takes a whole number from 1 to 1000000, found 0."),
        Mistake(
            "batch_size = 2.5",
            "/project/run.toml, line 7: training.batch_size takes a whole number from 1 to 1000000, found 2.5."),
        Mistake(
            "remove_self_energies = 1",
            "/project/run.toml, line 7: training.remove_self_energies takes true or false, found 1."),
        Mistake(
            "maximum_time = \"14 miles\"",
            "/project/run.toml, line 7: training.maximum_time takes a time > 0 such as "
                + "\"14 min\", \"90 s\" or \"1.5 h\", found \"14 miles\"."),
        Mistake(
            "lr_scheduler.factor = 1",
            "/project/run.toml, line 7: training.lr_scheduler.factor takes a number between 0 and 1, found 1."),
        Mistake(
            "optimizer = \"AdamW\"",
            "/project/run.toml, line 7: training.optimizer is a table of keys, found \"AdamW\"."),
        Mistake(
            "optimizer.betas = [0.9, 1]",
            "/project/run.toml, line 7: training.optimizer.betas takes a list of two numbers (a number >= 0 and < 1), "),
        Mistake(
            "experiment_logger.logger_name = \"WandB\"",
            "/project/run.toml, line 7: training.experiment_logger.logger_name: \"WandB\" sends the run to a server, "
                + "which Apus never does; choose \"tensorboard\", \"None\"."),
        Mistake(
            "monitor = \"val/per_atom_force/rmsd\"",
            "/project/run.toml, line 7: training.monitor takes one of \"val/loss\", "),
        Mistake(
            "splitting_strategy.data_split = [0.5, \"x\"]",
            "/project/run.toml, line 7: training.splitting_strategy.data_split takes three fractions "
                + "such as [0.8, 0.1, 0.1] or three counts such as [950, 50, 0], found [0.5, \"x\"]."),
        Mistake(
            "lr = 2024-01-01", "/project/run.toml, line 7: training.lr takes a number > 0, found 2024"),
    ])
    func wrongValues(_ mistake: Mistake) {
        #expect(messageWith("[training]\n" + mistake.toml).hasPrefix(mistake.sentence))
    }

    @Test(arguments: [
        Mistake("5", "takes a length from 0.1 to 1000 angstrom such as \"5.0 angstrom\", found 5."),
        Mistake(
            "\"-5 angstrom\"",
            "takes a length from 0.1 to 1000 angstrom such as \"5.0 angstrom\", found \"-5 angstrom\"."),
        Mistake("\"1e-4 angstrom\"", "takes a length from 0.1 to 1000 angstrom such as"),
        Mistake("\"1e300 nm\"", "\"1e300 nm\" is more than 1e15 Å"),
        Mistake("\"5 eV\"", ": \"eV\" is a unit of energy, but a unit of length is needed"),
        Mistake("\"5\"", ": \"5\" has no unit"),
        Mistake("\"5 angstrms\"", ": unknown unit \"angstrms\""),
    ])
    func cutoffs(_ mistake: Mistake) {
        let key = "potential.core_parameter.maximum_interaction_radius"
        let text = messageWith("[potential.core_parameter]\nmaximum_interaction_radius = \(mistake.toml)")
        #expect(text.hasPrefix("/project/run.toml, line 7: " + key))
        #expect(text.contains(mistake.sentence))
    }

    @Test(arguments: [
        Mistake("energy_unit = \"angstrom\"", "runtime.energy_unit: \"angstrom\" is a unit of length"),
        Mistake("length_unit = \"parsec\"", "runtime.length_unit: unknown unit \"parsec\""),
        Mistake(
            "accelerator = \"gpu\"",
            "runtime.accelerator can only be \"cpu\" yet, found \"gpu\"; remove the key or set it to \"cpu\"."),
        Mistake("checkpoint_path = \"a.ckpt\"", "runtime.checkpoint_path is not supported yet; remove it"),
        Mistake("precision = \"float16\"", "runtime.precision takes one of \"float32\", \"float64\", found"),
        Mistake("threads = 0", "runtime.threads takes a whole number from 1 to 4096, found 0."),
        Mistake("seed = -1", "runtime.seed takes a whole number >= 0, found -1."),
        Mistake("experiment_name = \"\"", "runtime.experiment_name takes a text in quotes, found \"\"."),
    ])
    func runtime(_ mistake: Mistake) {
        #expect(messageWith("[runtime]\n" + mistake.toml).hasPrefix("/project/run.toml, line 7: " + mistake.sentence))
    }

    @Test(arguments: [
        Mistake(
            "target_weight = {per_atom_charge = 1}",
            "training.loss_parameter.target_weight.per_atom_charge is set, but loss_components does not name"),
        Mistake(
            "target_weight = {per_atom_force = 600}",
            "training.loss_parameter.target_weight.per_atom_force is reached after 600 epochs, but"),
        Mistake(
            "mixing_steps = {per_atom_force = 0}", "training.loss_parameter.mixing_steps.per_atom_force takes a number"),
        Mistake(
            "form = {per_atom_force = \"huber\"}",
            "training.loss_parameter.form.per_atom_force is \"huber\", but there is no threshold"),
        Mistake(
            "huber_threshold = {per_atom_force = 0.1}",
            "training.loss_parameter.huber_threshold.per_atom_force is set, but the form is not \"huber\""),
        Mistake(
            "huber_threshold = {per_atom_force = 0}",
            "training.loss_parameter.huber_threshold.per_atom_force takes a number > 0, found 0."),
        Mistake(
            "huber_threshold = {per_atom_force = -1}",
            "training.loss_parameter.huber_threshold.per_atom_force takes a number > 0, found -1."),
        Mistake(
            "atom_count_exponent = {per_atom_force = 3}",
            "training.loss_parameter.atom_count_exponent.per_atom_force takes a whole number from 0 to 2"),
        Mistake("loss_components = []", "training.loss_parameter.loss_components takes a list of components"),
        Mistake(
            "loss_components = [\"per_atom_force\", \"per_atom_force\"]",
            "training.loss_parameter.loss_components names \"per_atom_force\" twice"),
        Mistake(
            "weight = {per_atom_energy = 1, per_system_energy = 1, per_atom_force = 1}",
            "training.loss_parameter.weight.per_atom_energy is set, but loss_components does not name"),
        Mistake("weight = {per_atom_force = -1}", "training.loss_parameter.weight.per_atom_force takes a number >= 0"),
        Mistake(
            "weight = {per_atom_force = 0, per_system_energy = 1}",
            "training.loss_parameter.weight.per_atom_force is 0, so that the component counts for nothing"),
    ])
    func loss(_ mistake: Mistake) {
        let text = messageWith("[training.loss_parameter]\n" + mistake.toml)
        #expect(text.hasPrefix("/project/run.toml, line 7: " + mistake.sentence))
    }

    @Test func aMissingWeightIsNamed() {
        let text = messageWith("[training.loss_parameter]\nweight = {per_atom_force = 1}")
        #expect(text.contains("training.loss_parameter.weight.per_system_energy is missing"))
    }

    @Test(arguments: [
        Mistake("[0.7, 0.2, 0.2]", ": the fractions must sum to 1, but [0.7, 0.2, 0.2] sum to 1.1; write "),
        Mistake("[0.5, 0.5]", ": there must be three numbers, for training, validation and test, but there are 2"),
        Mistake("[0.6, 0.3, 0.100000002]", "sum to 1.000000002"),
        Mistake("[800, 100, 0.5]", ": the fractions must sum to 1, but"),
        Mistake("[800, -100, 100]", ": a part of the data cannot be -100; write fractions such as"),
        Mistake("[0, 0.9, 0.1]", " is [0.0, 0.9, 0.1], which leaves nothing for training"),
        Mistake("[0, 9, 1]", " is [0, 9, 1], which leaves nothing for training"),
        Mistake("[0.9, 0, 0.1]", " is [0.9, 0.0, 0.1], which leaves nothing for validation"),
        Mistake("[900, 0, 100]", " is [900, 0, 100], which leaves nothing for validation"),
    ])
    func split(_ mistake: Mistake) {
        let text = messageWith("[training.splitting_strategy]\ndata_split = \(mistake.toml)")
        #expect(text.hasPrefix("/project/run.toml, line 7: training.splitting_strategy.data_split"))
        #expect(text.contains(mistake.sentence))
    }

    @Test(arguments: ["[0.7, 0.2, 0.1]", "[0.95, 0.05, 0]", "[0.6, 0.3, 0.1]", "[0.6, 0.3, 0.1000000005]"])
    func splitsWithRoundingErrorsAreAccepted(fractions: String) {
        #expect(messageWith("[training.splitting_strategy]\ndata_split = \(fractions)") == "no error")
    }

    @Test func aPartIsNotTakenTwice() {
        let text = messageWith(
            "test_file = \"t.xyz\"\n[training.splitting_strategy]\ndata_split = [0.8, 0.1, 0.1]")
        #expect(text.contains("although dataset.test_file is given; leave out training.splitting_strategy."))
    }

    @Test func requiredKeys() {
        #expect(
            message("[dataset]\nfile = \"a\"")
                == "/project/run.toml: potential.potential_name is missing; "
                + "add potential_name with one of \"SchNet\", \"PaiNN\" to [potential].")
        #expect(message("[potential]\npotential_name = \"SchNet\"").contains("dataset.file is missing"))
    }

    @Test func keysOfTheOtherPotential() {
        let text = messageWith("[potential.core_parameter]\nshared_filters = true")
        #expect(text.contains("shared_filters belongs to PaiNN, but potential_name is \"SchNet\"; remove the key"))
        #expect(
            message("[potential]\npotential_name = \"PhysNet\"").contains("\"PhysNet\" is not supported yet; choose"))
        #expect(message("[potential]\npotential_name = \"PainNet\"").contains("write \"PaiNN\""))
    }

    @Test func forcesMustBeTrainedToBeMonitored() {
        let text = messageWith(
            """
            [training]
            monitor = "val/per_atom_force/mae"
            loss_parameter.loss_components = ["per_atom_energy"]
            """)
        #expect(text.hasPrefix("/project/run.toml, line 7: training.monitor is \"val/per_atom_force/mae\", but"))
    }

    @Test func assignedPropertiesMustBeOfInterest() {
        let text = messageWith(
            """
            properties_of_interest = ["energy"]
            properties_assignment.E = "energy"
            properties_assignment.F = "forces"
            """)
        #expect(text.hasPrefix("/project/run.toml, line 8: dataset.properties_assignment.F is \"forces\", which"))
    }

    @Test func theLearningRateIsNotBelowItsBound() {
        let text = messageWith("[training]\nlr = 1e-7")
        #expect(text.hasPrefix("/project/run.toml, line 7: training.lr_scheduler.min_lr is 1e-06 but training.lr only"))
    }

    @Test(arguments: [
        Mistake(
            "lr_scheduler.T_max = 3", "T_max belongs to CosineAnnealingLR, but training.lr_scheduler.scheduler_name is"),
        Mistake(
            "optimizer.momentum = 0.5", "momentum belongs to SGD, but training.optimizer.name is \"AdamW\"; remove"),
        Mistake("optimizer.betas = [0.9]", "training.optimizer.betas: 1 of 2 numbers are given; give 2 numbers"),
        Mistake("optimizer = {name = \"SGD\", nesterov = true}", "nesterov is true, but there is no momentum; set "),
        Mistake(
            "optimizer.name = \"SGD\"\nlr_scheduler.scheduler_name = \"OneCycleLR\"",
            "OneCycleLR changes the momentum, but the optimiser has none; set training.lr_scheduler.cycle_momentum to false or"
        ),
        Mistake(
            "lr_scheduler.scheduler_name = \"CosineAnnealingWarmRestarts\"",
            "training.lr_scheduler.T_0 is missing, which CosineAnnealingWarmRestarts needs; add it"),
        Mistake("lr_scheduler.scheduler_name = \"CyclicLR\"", "max_lr is missing, which CyclicLR needs; add it"),
        Mistake(
            "lr_scheduler.scheduler_name = \"ExponentialLR\"", "gamma is missing, which ExponentialLR needs; add it"),
        Mistake(
            "lr_scheduler.interval = \"step\"", "interval is \"step\"; write \"epoch\", ReduceLROnPlateau knows no"),
        Mistake(
            "lr_scheduler.mode = \"triangular\"",
            "mode takes one of \"min\", \"max\" for ReduceLROnPlateau; one of \"triangular\""),
        Mistake(
            "lr_scheduler = {scheduler_name = \"CyclicLR\", max_lr = 1e-3, epochs_up = 1, mode = \"max\"}",
            "\"exp_range\" for CyclicLR, found \"max\""),
        Mistake(
            "lr_scheduler = {scheduler_name = \"CyclicLR\", max_lr = 1e-4, epochs_up = 1}",
            "training.lr_scheduler.base_lr is 0.0005 but max_lr only 0.0001; choose a smaller base_lr"
        ),
        Mistake(
            "lr_scheduler = {scheduler_name = \"OneCycleLR\", max_momentum = 0.5}",
            "base_momentum is 0.85 but max_momentum only 0.5; choose a smaller base_momentum or"),
        Mistake(
            "lr_scheduler = {scheduler_name = \"CosineAnnealingLR\", eta_min = 1}",
            "training.lr_scheduler.eta_min is 1.0 but training.lr only 0.0005; choose a smaller eta_min or a larger training.lr."
        ),
        Mistake(
            "lr_scheduler = {scheduler_name = \"OneCycleLR\", three_phase = true, pct_start = 0.5}",
            "pct_start is 0.5, which leaves nothing for the last of three phases; choose less than 0.5."),
        Mistake("lr_scheduler.last_epoch = 3", "last_epoch is not supported yet; remove it, the schedule begins with"),
    ])
    func optimization(_ mistake: Mistake) {
        let text = messageWith("[training]\n" + mistake.toml)
        #expect(text.hasPrefix("/project/run.toml") && text.contains(mistake.sentence), "\(text)")
    }

    @Test(arguments: [
        Mistake("a = 1\nb = [1,\n2 x", "/project/run.toml, line 3, column 3: this is not TOML, "),
        Mistake("[a\n", "/project/run.toml, line 1, column 3: this is not TOML, "),
        Mistake("a = 1\na = 2", "/project/run.toml, line 2, column 5: this is not TOML, error while parsing "),
        // Where the parser itself would abort the program.
        Mistake(
            "[a]\nb = [\n[1]]\n  [=\n", "/project/run.toml, line 4, column 1: this is not TOML, expected the name of"),
        Mistake("a = [\n[1, }\n", "/project/run.toml, line 2, column 1: this is not TOML, '}' closes what '[' opened."),
        Mistake("[\u{301}a]", "/project/run.toml, line 1, column 1: this is not TOML, expected the name of a table"),
        Mistake("\"\\\"=[\" = 1\n[ [\n", "/project/run.toml, line 2, column 1: this is not TOML, expected the name of"),
        Mistake(
            "a = 1\nb = \u{0}2", "/project/run.toml, line 2, column 5: this is not TOML, a zero byte is not allowed."),
    ])
    func syntax(_ mistake: Mistake) {
        #expect(message(mistake.toml).hasPrefix(mistake.sentence))
    }
}
