import ApusPotentials
import ApusTraining

/// Keys of optimisers and schedules, with PyTorch's names.
extension ConfigurationKey {
    private static let optimizer = "training.optimizer."

    /// `[training.optimizer]`: the keys that the optimisers declare.
    static func optimizerKeys(_ registry: Registry) -> [ConfigurationKey] {
        keys(
            naming: optimizer + "name", one: registry.optimizers, \.training.optimizer.type, in: optimizer,
            \.training.optimizer,
            "Optimiser: AdamW (arXiv 1711.05101), Adam (arXiv 1412.6980) or stochastic gradient descent.")
    }

    /// A key that names one of several types, and the keys that these declare.
    private static func keys(
        naming path: String, one types: [any Configurable.Type],
        _ type: WritableKeyPath<RunConfiguration, any Configurable.Type> & Sendable, in table: String,
        _ place: WritableKeyPath<RunConfiguration, ConfiguredType> & Sendable, _ summary: String
    ) -> [ConfigurationKey] {
        let kind = ValueKind<String>.name(among: types.map { $0.name })
            .mapped({ name in types.first { $0.name == name }! }, { $0.name })
        var name = value(path, type, kind, summary)
        name.isReadFirst = true
        return [name]
            + hyperparameters(of: types, in: table, place).map { key, names in
                key.only(for: names, of: path, current: { $0[keyPath: place].name })
            }
    }

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

    /// `[training.lr_scheduler]`: the keys that the schedules declare, and those that all have.
    static func scheduleKeys(_ registry: Registry) -> [ConfigurationKey] {
        let types = registry.schedules
        let name = scheduler + "scheduler_name"
        let declared = keys(
            naming: name, one: types, \.training.schedule.chosen.type, in: scheduler,
            \.training.schedule.chosen,
            "How the learning rate changes: reduced when nothing improves, along a curve, or not at all.")
        let inSteps = types.filter { $0.intervals[0] == .step }.map { $0.name }
        let common: [ConfigurationKey] = [
            .value(
                scheduler + "interval", \.training.schedule.interval, .choice(),
                "Whether the schedule goes on after steps or after epochs."
            ).derived("step for \(inSteps.joined(separator: " and ")), else epoch") {
                $0.training.schedule.interval = $0.training.schedule.type.intervals[0]
            },
            .value(
                scheduler + "frequency", \.training.schedule.frequency, .integer(1...1_000_000),
                "Number of intervals after which the schedule goes on."),
            .value(
                scheduler + "monitor", \.training.schedule.monitor,
                .choice(among: RunConfiguration.Metric.all(registry)),
                "Metric that has to improve."
            ).derived("training.monitor") { $0.training.schedule.monitor = $0.training.monitor }
                .only(
                    for: types.filter { $0.watchesMetric }.map { $0.name }, of: name,
                    current: { $0.training.schedule.chosen.name }),
            .unsupported(
                scheduler + "last_epoch", unless: [.integer(-1)], "remove it, the schedule begins with the training"),
            .ignored(scheduler + "scale_mode", "mode says what the height of cycles depends on"),
        ]
        return [declared[0]] + common + declared.dropFirst() + warmUpKeys
    }

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
