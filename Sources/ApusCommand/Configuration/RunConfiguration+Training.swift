import ApusDatasets
import ApusTraining

extension RunConfiguration {
    /// Loss, optimiser, schedule and split.
    struct Training: Sendable, Equatable {
        var epochs = 100
        var batchSize = 10
        var learningRate = 5e-4
        /// The decoupled weight decay of AdamW; as in modelforge 1e-3, where PyTorch has 1e-2.
        var weightDecay = 1e-3
        /// The norm to which larger gradients are scaled down; 0 for no clipping.
        var gradientClip = 5.0
        /// The time after which training stops; nil for no limit.
        var maximumTime: Duration?
        /// The metric that decides which model is the best.
        var monitor = Metric.loss
        /// Whether self-energies, fitted on the training part, are subtracted from the energies.
        var removesSelfEnergies = true
        /// The terms of the loss, in the order given.
        var lossComponents: [LossComponent] = [.perSystemEnergy, .perAtomForce]
        /// The weight of each term.
        var lossWeights: [LossComponent: Double] = [:]
        var earlyStopping = EarlyStopping()
        var split = Split()
        var schedule = Schedule()
    }

    /// A figure of the validation part that decides about models and learning rates; smaller is better.
    enum Metric: String, Sendable, CaseIterable {
        case loss = "val/loss"
        case systemEnergyMAE = "val/per_system_energy/mae"
        case systemEnergyRMSE = "val/per_system_energy/rmse"
        case atomEnergyMAE = "val/per_atom_energy/mae"
        case atomEnergyRMSE = "val/per_atom_energy/rmse"
        case forceMAE = "val/per_atom_force/mae"
        case forceRMSE = "val/per_atom_force/rmse"
    }

    /// When to stop because nothing improves.
    struct EarlyStopping: Sendable, Equatable {
        /// The number of epochs without improvement after which training stops; nil for never.
        var patience: Int?
        /// The smallest decrease that counts as improvement.
        var minimumDelta = 0.0
        var monitor = Metric.loss
    }

    /// How the data are divided into training, validation and test parts.
    struct Split: Sendable, Equatable {
        var strategy = ApusDatasets.Split.Strategy.randomConformer
        /// The sizes of the training, validation and test part.
        var sizes = ApusDatasets.Split.Sizes.fractions(training: 0.8, validation: 0.1, test: 0.1)
        var seed = 42
        /// A seed of its own for the choice of the test part, so that it stays when `seed` changes.
        var testSeed: Int?
    }

    /// How the learning rate changes.
    struct Schedule: Sendable, Equatable {
        var name = ScheduleName.reduceOnPlateau
        /// The factor for the learning rate on a plateau.
        var factor = 0.5
        /// The number of epochs without improvement that make a plateau.
        var patience = 10
        var threshold = 1e-4
        var thresholdMode = ReduceOnPlateau.ThresholdMode.relative
        /// The number of epochs after a reduction that are not counted.
        var cooldown = 0
        var minimumLearningRate = 1e-6
        /// The smallest change of the learning rate that is carried out.
        var epsilon = 1e-8
        var monitor = Metric.loss
    }

    /// The learning rate schedules on offer.
    enum ScheduleName: String, Sendable, CaseIterable {
        case reduceOnPlateau = "ReduceLROnPlateau"
        case constant = "None"
    }
}
