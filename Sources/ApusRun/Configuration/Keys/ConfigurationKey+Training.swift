import ApusChemistry
import ApusDatasets
import ApusPotentials
import ApusTraining

extension ConfigurationKey {
    /// `[training]`: loss, optimiser, schedule and split.
    static func trainingKeys(_ registry: Registry) -> [ConfigurationKey] {
        optimizationKeys + [monitorKey(registry)] + energyKeys + optimizerKeys(registry) + lossKeys(registry)
            + stoppingKeys(registry) + splitKeys + scheduleKeys(registry) + averagingKeys + loggerKeys
            + unusedTrainingKeys
    }

    private static let optimizationKeys: [ConfigurationKey] = [
        .value(
            "training.number_of_epochs", \.training.epochs, .integer(1...1_000_000),
            "Number of passes over the training part."),
        .value(
            "training.min_number_of_epochs", \.training.minimumEpochs, .integer(0...1_000_000),
            "Number of epochs before which early stopping does not end training."),
        .optional(
            "training.maximum_time", \.training.maximumTime, .duration, unset: "no limit",
            "Time, of all runs of the folder together, after which training stops, such as \"14 min\": after the step in "
                + "which it is reached, or the validation that follows the last step of an epoch."),
        .value(
            "training.batch_size", \.training.batchSize, .integer(1...1_000_000),
            "Number of molecules in a step."),
        .optional(
            "training.batch_atoms", \.training.batchAtoms, .integer(1...100_000_000), unset: "none",
            "A step takes as many molecules as have so many atoms together, in place of batch_size."),
        .optional(
            "training.limit_train_batches", \.training.trainingLimit, .batchLimit, unset: "all",
            "Batches of an epoch, for trials: their number, or the part as a number with a point."),
        .optional(
            "training.limit_val_batches", \.training.validationLimit, .batchLimit, unset: "all",
            "The same for validation, which then looks at the first batches of its part."),
        .optional(
            "training.limit_test_batches", \.training.testLimit, .batchLimit, unset: "all",
            "The same for the final errors of the test part."),
        .value("training.lr", \.training.learningRate, .positive, "Learning rate, before schedules."),
        .value(
            "training.weight_decay", \.training.weightDecay, .nonNegative,
            "Weight decay of weights, not of biases and embeddings: decoupled in AdamW, added to gradients in Adam and "
                + "SGD; PyTorch's default is 0.01 for AdamW and 0 for the others."),
        .value(
            "training.gradient_clip_val", \.training.gradientClip, .nonNegative,
            "Norm to which a larger gradient is scaled down, or size to which its elements are limited; 0 for no clipping."
        ),
        .value(
            "training.gradient_clip_algorithm", \.training.clipping, .choice(),
            "Whether gradient_clip_val limits the norm of the gradient or each of its elements."),
        .value(
            "training.skip_nonfinite", \.training.skippedBatches, .integer(0...1_000_000),
            "Batches whose loss or gradient is not finite that are left out, with a warning, before the run stops."),
        .optional(
            "training.frozen_parameters", \.training.frozenParameters, .list(of: .text, named: "texts"), unset: "none",
            "Parameters that training leaves as they are, by their names or those of groups, where * stands for any "
                + "characters, such as [\"embedding\", \"interactions.0\"]; what matches none is refused with a list of them."
        ),
        .optional(
            "training.rate_factors", \.training.rateFactors, .list(of: .rateFactor, named: "pairs"), unset: "none",
            "Factors for the learning rate of parameters, by such names, such as [[\"readout\", 0.1]]; the last that "
                + "fits counts."),
    ]

    private static func monitorKey(_ registry: Registry) -> ConfigurationKey {
        .value(
            "training.monitor", \.training.monitor, .choice(among: RunConfiguration.Metric.all(registry)),
            "Metric of the validation part that decides which model is the best.")
    }

    private static let energyKeys: [ConfigurationKey] = [
        .value(
            "training.remove_self_energies", \.training.removesSelfEnergies, .flag,
            "Whether self-energies are subtracted from the energies."),
        .value(
            "training.refit_self_energies", \.training.refitsSelfEnergies, .flag,
            "Whether the self-energies of the kept model are fitted again to what its network leaves of the energies of the "
                + "training part; beside given ones, of atoms or a file too, one constant for all atoms is fitted."),
        .optional(
            "training.shift_energies", \.training.energyShift, .choice(), unset: "none",
            "Energy of the training part, without self-energies, that is taken off every system and added again to every "
                + "prediction."),
        .value(
            "training.shift_center_of_mass_to_origin", \.training.shiftsCenterOfMass, .flag,
            "Moments of the files refer to the centre of mass; energies and forces do not depend on the origin."),
    ]

    private static let loss = "training.loss_parameter."

    private static func lossKeys(_ registry: Registry) -> [ConfigurationKey] {
        let components = registry.lossComponents.map(RunConfiguration.LossName.init)
        /// The keys of a table with one for each component.
        func lossFamily<Value>(
            _ table: String,
            _ place: (RunConfiguration.LossName) -> WritableKeyPath<RunConfiguration, Value?> & Sendable,
            _ kind: ValueKind<Value>, unset: String = "", _ summary: String
        ) -> [ConfigurationKey] {
            family(
                loss + table, of: components, as: "<component>", name: \.name, place, kind, unset: unset, summary)
        }
        return [
            .value(
                loss + "loss_components", \.training.lossComponents,
                .list(of: .choice(among: components), named: "components"),
                "Terms of the loss; see Documentation/Losses.md.")
        ]
            + lossFamily("weight", { \.training.lossWeights[$0] }, .nonNegative, "Weight of the component.").map {
                key in
                key.derived("0.99 for forces and 0.01 for energies, 1 for a single component and all others") {
                    if $0.training.lossWeights.isEmpty { $0.training.setDefaultWeights() }
                }
            }
            + lossFamily(
                "target_weight", { \.training.targetWeights[$0] }, .nonNegative, unset: "the weight, which stays",
                "Weight that the component reaches in steps of mixing_steps from epoch to epoch.")
            + lossFamily(
                "mixing_steps", { \.training.mixingSteps[$0] }, .number("a number other than 0") { $0 != 0 },
                unset: "1",
                "Change of the weight from epoch to epoch; its sign follows from weight and target.")
            + lossFamily(
                "form", { \.training.lossForms[$0] }, .choice(), unset: "squared",
                "How an error e counts: e^2, |e|, or Huber's form, which is e^2 up to a threshold and linear beyond.")
            + lossFamily(
                "huber_threshold", { \.training.huberThresholds[$0] }, .positive, unset: "none",
                "Error from which on Huber's form is linear, in units of the run.")
            + lossFamily(
                "atom_count_exponent", { \.training.atomCountExponents[$0] }, .integer(0...2),
                unset: "1 for names that begin with per_atom, else 0",
                "Exponent p: the term of a system of N atoms is divided by N^p.")
    }

    private static let stopping = "training.early_stopping."

    private static func stoppingKeys(_ registry: Registry) -> [ConfigurationKey] {
        [
            .optional(
                stopping + "patience", \.training.earlyStopping.patience, .integer(1...1_000_000),
                unset: "never stop early",
                "Number of epochs without improvement after which training stops."),
            .value(
                stopping + "min_delta", \.training.earlyStopping.minimumDelta, .nonNegative,
                "Smallest decrease that counts as improvement, in the unit of the metric."),
            .value(
                stopping + "monitor", \.training.earlyStopping.monitor,
                .choice(among: RunConfiguration.Metric.all(registry)),
                "Metric that has to improve."
            ).derived("training.monitor") { $0.training.earlyStopping.monitor = $0.training.monitor },
            .ignored(stopping + "verbose", "the reason for stopping is always told"),
        ]
    }

    private static let splitting = "training.splitting_strategy."

    private static let splitKeys: [ConfigurationKey] = [
        .value(
            splitting + "name", \.training.split.strategy, .choice(),
            "How the file is divided: at random by molecules or by configurations, or in its order."),
        .value(
            splitting + "data_split", \.training.split.sizes, .splitSizes,
            "Sizes of the training, validation and test part; what counts leave over is not used."
        ).derived("[0.8, 0.1, 0.1], without what has a file of its own") { $0.setDefaultSizes() },
        .value(splitting + "seed", \.training.split.seed, .seed, "Seed of a random split."),
        .optional(
            splitting + "test_seed", \.training.split.testSeed, .seed, unset: "none",
            "Seed of the choice of the test part alone, which then does not change with seed."),
        .optional(
            splitting + "index_files", \.training.split.indexFiles, .list(of: .inputPath, named: "paths"),
            unset: "none",
            "Two or three files with the positions of the training, validation and test part, from 0, one a line; in place "
                + "of the keys above."),
    ]

    private static let logger = "training.experiment_logger."

    private static let loggerKeys: [ConfigurationKey] = [
        .value(
            logger + "logger_name", \.training.logger.name,
            .choice(refused: ["wandb": "sends the run to a server, which Apus never does"]),
            "Which program's files are written beside metrics.csv and metrics.jsonl; wandb, a server, is refused."),
        .value(
            "training.verbose", \.training.logger.hasHistograms, .flag,
            "Whether TensorBoard gets histograms of parameters, gradients and validation errors, 1.2 kB for each tensor: after "
                + "each epoch to the hundredth, each tenth to the thousandth, and so on."),
        .optional(
            "training.plot_frequency", \.training.reportFrequency, .integer(1...1_000_000), unset: "at the end alone",
            "Epochs after which report.html is written again while training goes on, with the best model so far and at most "
                + "\(ReportWriter.mostInTraining) configurations of each part, which takes a second or so; and after which "
                + "outliers.jsonl gets the configurations whose errors of the energy per atom are more than three standard "
                + "deviations from their mean."),
        .ignored(logger + "tensorboard_configuration.save_dir", "the event files are in the run folder"),
        .ignored(logger + "wandb_configuration", "nothing is sent to a server"),
    ]

    private static let unusedTrainingKeys: [ConfigurationKey] = [
        .ignored(
            "training.log_norm", unless: [.flag(true), .flag(false)], "the norm of the gradient is always logged"),
        .ignored("training.profiler", "see 'apus benchmark'"),
    ]
}

extension RunConfiguration.Training {
    /// Weights for a loss that names components alone, in the proportion that SchNetPack uses for forces.
    fileprivate mutating func setDefaultWeights() {
        for name in lossComponents {
            let isEnergy = name.component.properties == [.energy]
            lossWeights[name] = lossComponents.count == 1 ? 1 : name == .forces ? 0.99 : isEnergy ? 0.01 : 1
        }
    }
}

extension RunConfiguration {
    /// The energy, and what the components of the loss and the energy terms need.
    mutating func setPredictedProperties() {
        let terms = (try? potential.makeTerms(lengthUnit: .angstrom)) ?? []
        let charges: [Property] = terms.contains(where: \.usesCharges) ? [.charges] : []
        let compared = Set(training.lossComponents.flatMap(\.component.properties) + charges)
            .subtracting(potential.ownProperties)
        potential.predictedProperties = PredictedProperty.all(registry).filter { property in
            property.head.map { !compared.isDisjoint(with: $0.init().properties) } ?? true
        }
    }

    /// Nothing is taken from the file for a part that has its own.
    fileprivate mutating func setDefaultSizes() {
        let validation = dataset.validationFile == nil ? 0.1 : 0
        let test = dataset.testFile == nil ? 0.1 : 0
        training.split.sizes = .fractions(
            training: 1 - validation - test, validation: validation, test: test)
    }
}
