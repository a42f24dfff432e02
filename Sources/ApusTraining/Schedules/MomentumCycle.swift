import ApusPotentials

/// What schedules have in common that go up and down, and with the momentum the other way: OneCycleLR and CyclicLR.
public protocol MomentumCycle: LearningRateSchedule {
    /// Whether momentum, or β₁, falls when the rate rises; else it is the optimiser's own.
    var cyclesMomentum: Bool { get set }
    /// The smallest momentum.
    var baseMomentum: Double { get set }
    /// The largest momentum.
    var maximumMomentum: Double { get set }
}

extension MomentumCycle {
    /// Steps.
    public static var intervals: [ScheduleInterval] { [.step] }

    static var momentumHyperparameters: [Hyperparameter<Self>] {
        [
            .flag(
                "cyclesMomentum", \.cyclesMomentum, key: "cycle_momentum",
                "Whether momentum, or the first of betas, falls when the learning rate rises."),
            .real("baseMomentum", \.baseMomentum, .belowOne, key: "base_momentum", "Smallest momentum."),
            .real("maximumMomentum", \.maximumMomentum, .belowOne, key: "max_momentum", "Largest momentum."),
        ]
    }

    /// The smallest momentum is not above the largest.
    var momentumConflict: KeyConflict? {
        .above("base_momentum", baseMomentum, "max_momentum", maximumMomentum)
    }
}
