import ApusCPU
import ApusGraph

/// Everything that training goes on from: with it, the same data and the same settings, every further step has the bits
/// that it would have had without a stop, with any number of threads.
///
/// Random numbers have no state of their own: the order of an epoch follows from the seed and the epoch's number.
public struct TrainingState: Sendable, Equatable {
    /// Where training is.
    public var progress: Progress
    /// The parameters after the last step.
    public var parameters: [Double]
    /// What the optimiser remembers, by ``Optimizer/momentNames``.
    public var moments: [String: [Double]]
    /// The average of the parameters; nil where none is kept.
    public var average: [Double]?
    /// The parameters with the best validation so far.
    public var best: [Double]

    /// Where training is, apart from the numbers of the network.
    public struct Progress: Codable, Sendable, Equatable {
        /// The epoch of the next step, from one.
        public var epoch = 1
        /// The batches of that epoch that are done.
        public var batches = 0
        /// The samples of that epoch that are done: where its order goes on, with batches of whatever size.
        public var samples = 0
        /// The seed of the order of that epoch.
        var seed: UInt64 = 0
        /// All steps that are done.
        public var steps = 0
        /// The learning rate at the beginning of the epoch.
        public var learningRate: Double
        /// The schedule of the rate with its counts.
        var schedule: LearningRate.State
        /// The epochs whose parameters are in the stochastic average.
        public var averaged = 0
        /// What early stopping remembers.
        var earlyStopping: EarlyStopping.Counts?
        /// The best epoch; nil before the first has ended.
        public var best: Best?
        /// What the best value, early stopping and the plateau are about.
        var criteria = Criteria()
        /// Seconds of training so far.
        public var seconds = 0.0
        /// The sum of the gradient norms of the batches that are done in this epoch.
        var norms = 0.0
        /// The batches that were left out because numbers were not finite.
        public var skips = Skips()
        /// The errors of these batches.
        var errors = EvaluationErrors()

        init(schedule: LearningRate.State) { (learningRate, self.schedule) = (schedule.initial, schedule) }
    }

    /// What remembered values of metrics mean; values under another text cannot be compared.
    struct Criteria: Codable, Sendable, Equatable {
        var best: String?
        var earlyStopping: String?
        var plateau: String?
    }

    /// Batches that were left out.
    public struct Skips: Codable, Sendable, Equatable {
        /// Since training began.
        public var inRun = 0
        /// In the epoch of the next step.
        public var inEpoch = 0

        mutating func add() { (inRun, inEpoch) = (inRun + 1, inEpoch + 1) }
    }

    /// The epoch whose parameters are the best.
    public struct Best: Codable, Sendable, Equatable {
        /// The epoch, from one.
        public let epoch: Int
        /// The monitored metric.
        public let metric: Double
        /// The loss on the validation part; nil where there is none.
        public let validationLoss: Double?
        /// What is added to the energies of atoms; nil where nothing is fitted again.
        public var correction: EnergyRefit.Correction?
    }
}
