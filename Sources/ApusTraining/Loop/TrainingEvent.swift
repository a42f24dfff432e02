/// What happens while a model is trained.
public enum TrainingEvent: Sendable {
    /// An epoch begins; epochs are counted from one.
    case epochBegan(Int, systems: Int)
    /// A step was made; the loss is the mean since the epoch began.
    case step(systems: Int, loss: Double)
    /// A batch was left out because numbers were not finite; a sentence says which and why. The step follows.
    case batchSkipped(String)
    /// An epoch has ended.
    case epochEnded(EpochSummary)
}

/// The numbers of one epoch.
public struct EpochSummary: Sendable {
    /// Counted from one.
    public let epoch: Int
    /// Errors on the training part, of the parameters as they changed during the epoch.
    public let training: EvaluationErrors
    /// Errors on the validation part after the epoch; nil when there is none.
    public let validation: EvaluationErrors?
    /// The weighted sum of the loss components, with the weights of the epoch.
    public let trainingLoss: Double
    /// The same on the validation part, with the weights that schedules end with, so that epochs compare.
    public let validationLoss: Double?
    /// The learning rate of the epoch's first step.
    public let learningRate: Double
    /// The mean norm of the gradients before clipping.
    public let gradientNorm: Double
    /// Seconds since training began.
    public let seconds: Double
    /// Systems trained on per second in this epoch, validation excluded.
    public let systemsPerSecond: Double
    /// Whether these parameters are the best so far.
    public let isBest: Bool
}

/// Why training ended.
public enum TrainingEnd: String, Sendable {
    /// All epochs are done.
    case epochs = "all epochs done"
    /// The monitored metric has not improved for too long.
    case earlyStopping = "early stopping"
    /// The time is up.
    case time = "time limit reached"
    /// It was asked to stop, and goes on later.
    case interruption = "interrupted"
}
