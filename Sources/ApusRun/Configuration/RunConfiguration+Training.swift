import ApusChemistry
import ApusDatasets
import ApusSystem
import ApusTraining

extension RunConfiguration {
    /// Loss, optimiser, schedule and split.
    package struct Training: Sendable, Equatable {
        package var epochs = 100
        package var batchSize = 10
        /// Atoms in a batch, in place of a number of systems.
        var batchAtoms: Int?
        package var learningRate = 5e-4
        /// The weight decay; as in modelforge 1e-3, where PyTorch has 1e-2 for AdamW and 0 for others.
        var weightDecay = 1e-3
        /// Patterns of the names of parameters that training leaves as they are.
        var frozenParameters: [String]?
        /// What learning rates of parameters with such names are multiplied by.
        var rateFactors: [RateFactor]?
        /// The norm to which larger gradients are scaled down, or the size of their elements; 0 for no clipping.
        var gradientClip = 5.0
        var clipping = Clipping.norm
        var averaging = Averaging()
        var optimizer = ConfiguredType(AdamW.self)
        /// The batches with numbers that are not finite that are left out before training stops.
        var skippedBatches = 0
        /// Early stopping waits for so many epochs.
        var minimumEpochs = 0
        /// How many batches of each part are looked at; nil for all.
        var trainingLimit: BatchLimit?
        var validationLimit: BatchLimit?
        var testLimit: BatchLimit?
        /// The time after which training stops; nil for no limit.
        var maximumTime: Duration?
        /// The metric that decides which model is the best.
        var monitor = Metric.loss
        /// Whether self-energies, fitted on the training part, are subtracted from the energies.
        var removesSelfEnergies = true
        /// Whether the self-energies of the kept model are fitted again.
        var refitsSelfEnergies = true
        /// A constant that is taken off all energies, of those of the training part without self-energies.
        var energyShift: EnergyShift?
        /// Whether positions count from the centre of mass, as modelforge says it.
        var shiftsCenterOfMass = false
        /// The terms of the loss, in the order given.
        var lossComponents: [LossName] = [.energy, .forces]
        /// The weight of each term in the first epoch.
        var lossWeights: [LossName: Double] = [:]
        /// The weights at the end, where they change.
        var targetWeights: [LossName: Double] = [:]
        /// The changes from epoch to epoch.
        var mixingSteps: [LossName: Double] = [:]
        /// How errors count, where it is not the square.
        var lossForms: [LossName: LossFormName] = [:]
        /// The errors from which on Huber's form is linear, in units of the run.
        var huberThresholds: [LossName: Double] = [:]
        /// p in the division by N^p, where it is not the usual one.
        var atomCountExponents: [LossName: Int] = [:]
        var earlyStopping = EarlyStopping()
        package var split = Split()
        var schedule = Schedule()
        var logger = Logger()
        /// Report and outliers are written after every so many epochs; nil for a report at the end alone.
        var reportFrequency: Int?
    }

    /// A component of the loss.
    package struct LossName: Named {
        let component: any LossComponent
        package var name: String { component.name }

        init(_ component: any LossComponent) { self.component = component }

        package static let energy = LossName(PropertyLoss.perSystemEnergy)
        package static let forces = LossName(PropertyLoss.perAtomForce)
    }

    /// A pattern of the names of parameters, and the factor of their learning rate.
    struct RateFactor: Sendable, Equatable {
        let pattern: String
        let factor: Double
    }

    /// How an error counts.
    enum LossFormName: String, Sendable, CaseIterable {
        case squared, absolute, huber
    }

    /// A figure of the validation part that decides about models and learning rates; smaller is better.
    package struct Metric: Named {
        let metric: ApusTraining.Metric
        package var name: String { "val/\(metric)" }

        init(_ metric: ApusTraining.Metric) { self.metric = metric }

        package static let loss = Metric(.loss)

        /// What can be watched: errors of what components compare, by every measure of errors.
        package static func all(_ registry: Registry) -> [Metric] {
            let properties = registry.properties.filter { property in
                registry.lossComponents.contains { $0.properties.contains(property) }
            }
            let quantities = [ApusTraining.Metric.Quantity.energyPerAtom] + properties.map { .property($0) }
            let measures = registry.measures.filter(\.isError)
            return [loss] + quantities.flatMap { quantity in measures.map { Metric(.errors(quantity, $0)) } }
        }
    }

    /// When to stop because nothing improves.
    struct EarlyStopping: Sendable, Equatable {
        /// The number of epochs without improvement after which training stops; nil for never.
        var patience: Int?
        /// The smallest decrease that counts as improvement.
        var minimumDelta = 0.0
        var monitor = Metric.loss
    }

    /// How parameters are averaged; nothing is set where they are not.
    struct Averaging: Sendable, Equatable {
        /// The decay of a moving average.
        var decay: Double?
        /// The learning rate of stochastic averaging.
        package var rate: Double?
        /// The part of the epochs before it.
        package var start: Double?
        var annealingEpochs: Int?
        package var strategy: OneCycle.Strategy?

        /// Stochastic averaging in a training of so many epochs.
        func stochastic(epochs: Int) -> StochasticAveraging? {
            rate.map { rate in
                StochasticAveraging(
                    firstEpoch: max(1, Int(saturating: Double(epochs) * (start ?? 0.8))), rate: rate,
                    annealing: annealingEpochs ?? 10, strategy: strategy ?? .cosine)
            }
        }
    }

    /// How the data are divided into training, validation and test parts.
    package struct Split: Sendable, Equatable {
        package var strategy = ApusDatasets.Split.Strategy.randomConformer
        /// The sizes of the training, validation and test part.
        package var sizes = ApusDatasets.Split.Sizes.fractions(training: 0.8, validation: 0.1, test: 0.1)
        package var seed = 42
        /// A seed of its own for the choice of the test part, so that it stays when `seed` changes.
        package var testSeed: Int?
        /// Files with the positions of each part, in place of a strategy.
        package var indexFiles: [InputPath]?

        package init() {}
    }

    /// Which program shows the epochs, beside the tables that are always written.
    struct Logger: Sendable, Equatable {
        package var name = LoggerName.tensorBoard
        /// Whether the distributions of parameters, gradients and errors are logged.
        var hasHistograms = true
    }

    /// The loggers on offer.
    package enum LoggerName: String, Sendable, CaseIterable {
        case tensorBoard = "tensorboard"
        case off = "None"
    }
}
