import ApusPotentials
import ApusTraining

/// Keys of optimisers and schedules, with PyTorch's names.
extension ConfigurationKey {
    private static let optimizer = "training.optimizer."

    /// `[training.optimizer]`: the keys that the optimisers declare.
    static let optimizerKeys: [ConfigurationKey] = {
        let names = standardOptimizers.map { $0.name }
        var name = value(
            optimizer + "name", \.training.optimizer.type,
            ValueKind<String>.name(among: names).mapped(
                { name in standardOptimizers.first { $0.name == name } ?? AdamW.self as any Configurable.Type },
                { $0.name }),
            "Optimiser: AdamW (arXiv 1711.05101), Adam (arXiv 1412.6980) or stochastic gradient descent.")
        name.isReadFirst = true
        return [name]
            + hyperparameters(of: standardOptimizers, in: optimizer, \.training.optimizer).map { key, names in
                var key = key
                key.owner = Owner(
                    key: optimizer + "name", names: names, current: { $0.training.optimizer.name })
                return key
            }
    }()

    private static let averaging = "training.stochastic_weight_averaging."

    /// `[training.stochastic_weight_averaging]` and the moving average.
    static let averagingKeys: [ConfigurationKey] = [
        .optional(
            "training.ema_decay", \.training.averaging.decay, .number("a number > 0 and < 1") { $0 > 0 && $0 < 1 },
            unset: "none",
            "Decay of an exponential moving average of the parameters, which then is validated and kept; 0.99 to 0.9999. In step n "
                + "it is at most (1 + n)/(10 + n), so that the average soon forgets the random start."
        ),
        .optional(
            averaging + "swa_lrs", \.training.averaging.rate, .positive, unset: "no averaging",
            "Learning rate while parameters are averaged over the last epochs (arXiv 1803.05407); the schedule stops then, and "
                + "momentum stays where it is."),
        .optional(
            averaging + "swa_epoch_start", \.training.averaging.start,
            .number("a number from 0 to 1") { $0 >= 0 && $0 <= 1 }, unset: "0.8",
            "Part of the epochs after which averaging begins."),
        .optional(
            averaging + "annealing_epoch", \.training.averaging.annealingEpochs, .integer(0...1_000_000), unset: "10",
            "Number of epochs in which the learning rate goes to swa_lrs."),
        .optional(
            averaging + "annealing_strategy", \.training.averaging.strategy, .choice(), unset: "cos",
            "Whether it goes there along a cosine or a line."),
        .unsupported(averaging + "avg_fn", "remove it, all epochs count the same"),
    ]

    private static let scheduler = "training.lr_scheduler."

    /// `[training.lr_scheduler]`.
    static let scheduleKeys: [ConfigurationKey] =
        [
            .value(
                scheduler + "scheduler_name", \.training.schedule.name, .choice(),
                "How the learning rate changes: reduced when nothing improves, along a curve, or not at all."),
            .value(
                scheduler + "interval", \.training.schedule.interval, .choice(),
                "Whether the schedule goes on after steps or after epochs."
            ).derived("step for OneCycleLR and CyclicLR, else epoch") {
                $0.training.schedule.interval = $0.training.schedule.isCycle ? .step : .epoch
            },
            .value(
                scheduler + "frequency", \.training.schedule.frequency, .integer(1...1_000_000),
                "Number of intervals after which the schedule goes on."),
            .optional(
                scheduler + "mode", \.training.schedule.mode, .choice(),
                unset: "min for ReduceLROnPlateau, triangular for CyclicLR",
                "Which values of the metric are good: with max, which is PyTorch's for scores, the learning rate is reduced unless "
                    + "errors grow. Or how the height of cycles changes: not at all, by half each time, or "
                    + "by gamma with every step."
            ).only(for: .reduceOnPlateau, .cyclic),
            .unsupported(
                scheduler + "last_epoch", unless: [.integer(-1)], "remove it, the schedule begins with the training"),
        ] + plateauKeys + cosineKeys + cycleKeys + warmUpKeys

    private static let plateauKeys = keysOfPlateaus.map { $0.only(for: .reduceOnPlateau) }

    private static let keysOfPlateaus: [ConfigurationKey] = [
        .value(
            scheduler + "factor", \.training.schedule.factor,
            .number("a number between 0 and 1") { $0 > 0 && $0 < 1 },
            "Factor for the learning rate on a plateau."),
        .value(
            scheduler + "patience", \.training.schedule.patience, .integer(0...1_000_000),
            "Number of epochs without improvement that are tolerated."),
        .value(
            scheduler + "threshold", \.training.schedule.threshold, .nonNegative,
            "Smallest change of the metric that counts as improvement."),
        .value(
            scheduler + "threshold_mode", \.training.schedule.thresholdMode, .choice(),
            "Whether the threshold is relative to the best value or absolute."),
        .value(
            scheduler + "cooldown", \.training.schedule.cooldown, .integer(0...1_000_000),
            "Number of epochs after a reduction that are not counted."),
        .value(
            scheduler + "min_lr", \.training.schedule.minimumLearningRate, .nonNegative,
            "Lower bound of the learning rate."),
        .value(
            scheduler + "eps", \.training.schedule.epsilon, .nonNegative,
            "Smallest change of the learning rate that is carried out."),
        .value(
            scheduler + "monitor", \.training.schedule.monitor, .choice(),
            "Metric that has to improve."
        ).derived("training.monitor") { $0.training.schedule.monitor = $0.training.monitor },
    ]

    private static let cosineKeys: [ConfigurationKey] = [
        .optional(
            scheduler + "T_max", \.training.schedule.cosineLength, .integer(1...1_000_000_000),
            unset: "the whole training",
            "Number of intervals in which the learning rate falls from lr to eta_min (arXiv 1608.03983)."
        ).only(for: .cosine),
        .value(
            scheduler + "eta_min", \.training.schedule.cosineMinimum, .nonNegative,
            "Learning rate at the lower end of the cosine."
        ).only(for: .cosine, .restarts),
        .optional(
            scheduler + "T_0", \.training.schedule.restartLength, .integer(1...1_000_000_000),
            unset: "none, must be given",
            "Number of intervals before the first restart."
        ).only(for: .restarts),
        .value(
            scheduler + "T_mult", \.training.schedule.restartMultiplier, .integer(1...1000),
            "Factor from the length of a stretch between restarts to the next."
        ).only(for: .restarts),
    ]

    private static let cycleKeys: [ConfigurationKey] = [
        .optional(
            scheduler + "max_lr", \.training.schedule.maximumLearningRate, .positive,
            unset: "lr for OneCycleLR; CyclicLR needs it", "Largest learning rate."
        ).only(for: .oneCycle, .cyclic),
        .optional(
            scheduler + "epochs", \.training.schedule.cycleEpochs, .integer(1...1_000_000),
            unset: "training.number_of_epochs", "Length of the cycle (arXiv 1708.07120); then the learning rate stays."
        ).only(for: .oneCycle),
        .value(
            scheduler + "pct_start", \.training.schedule.rise, .fraction,
            "Part of the cycle in which the learning rate rises."
        ).only(for: .oneCycle),
        .value(
            scheduler + "anneal_strategy", \.training.schedule.strategy, .choice(),
            "Whether the learning rate follows a cosine or a straight line."
        ).only(for: .oneCycle),
        .value(
            scheduler + "div_factor", \.training.schedule.divisor, .positive,
            "The first learning rate is max_lr over this."
        ).only(for: .oneCycle),
        .value(
            scheduler + "final_div_factor", \.training.schedule.finalDivisor, .positive,
            "The last learning rate is the first over this."
        ).only(for: .oneCycle),
        .value(
            scheduler + "three_phase", \.training.schedule.hasThreePhases, .flag,
            "Whether the learning rate falls to the first one as fast as it rose, and then to the last."
        ).only(for: .oneCycle),
        .optional(
            scheduler + "base_lr", \.training.schedule.baseLearningRate, .nonNegative, unset: "training.lr",
            "Smallest learning rate (arXiv 1506.01186)."
        ).only(for: .cyclic),
        .optional(
            scheduler + "epochs_up", \.training.schedule.epochsUp, .integer(1...1_000_000),
            unset: "none, must be given",
            "Epochs in which the learning rate rises."
        ).only(for: .cyclic),
        .optional(
            scheduler + "epochs_down", \.training.schedule.epochsDown, .integer(1...1_000_000), unset: "epochs_up",
            "Epochs in which the learning rate falls."
        ).only(for: .cyclic),
        .optional(
            scheduler + "gamma", \.training.schedule.gamma, .number("a number > 0 and <= 1") { $0 > 0 && $0 <= 1 },
            unset: "1.0 for CyclicLR; ExponentialLR needs it",
            "Factor for the learning rate, or for the height of cycles with mode exp_range."
        ).only(for: .cyclic, .exponential),
        .ignored(scheduler + "scale_mode", "mode says what the height of cycles depends on"),
        .value(
            scheduler + "cycle_momentum", \.training.schedule.cyclesMomentum, .flag,
            "Whether momentum, or the first of betas, falls when the learning rate rises."
        ).only(for: .oneCycle, .cyclic),
        .optional(
            scheduler + "base_momentum", \.training.schedule.baseMomentum,
            .number("a number >= 0 and < 1") { $0 >= 0 && $0 < 1 }, unset: "0.85 for OneCycleLR, 0.8 for CyclicLR",
            "Smallest momentum."
        ).only(for: .oneCycle, .cyclic),
        .optional(
            scheduler + "max_momentum", \.training.schedule.maximumMomentum,
            .number("a number >= 0 and < 1") { $0 >= 0 && $0 < 1 }, unset: "0.95 for OneCycleLR, 0.9 for CyclicLR",
            "Largest momentum."
        ).only(for: .oneCycle, .cyclic),
    ]

    private static let warmUp = scheduler + "warmup."

    private static let warmUpKeys: [ConfigurationKey] = [
        .value(
            warmUp + "total_iters", \.training.schedule.warmUpLength, .integer(0...1_000_000_000),
            "Number of intervals in which the learning rate rises in a straight line, before the schedule begins."),
        .value(
            warmUp + "start_factor", \.training.schedule.warmUpStart,
            .number("a number > 0 and <= 1") { $0 > 0 && $0 <= 1 },
            "Part of the learning rate that training begins with."),
        .value(
            warmUp + "interval", \.training.schedule.warmUpInterval, .choice(),
            "Whether warm-up goes on after steps or after epochs."),
    ]
}
