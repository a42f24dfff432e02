/// Ends training when a metric has not improved for some epochs.
public struct EarlyStopping: Sendable, Equatable {
    /// Epochs without improvement that are tolerated.
    public var patience: Int
    /// Smaller improvements do not count, in the units of the metric.
    public var minimumDelta: Double
    /// The metric.
    public var monitor: Metric

    /// What is remembered of the epochs so far.
    struct Counts: Codable, Sendable, Equatable {
        var best: Double?
        var badEpochs = 0
    }

    var counts = Counts()

    /// Whether training has ended.
    var hasEnded: Bool { counts.badEpochs > patience }

    /// Watches a metric that is better when smaller.
    public init(patience: Int, minimumDelta: Double, monitor: Metric) {
        self.patience = patience
        self.minimumDelta = minimumDelta
        self.monitor = monitor
    }

    /// Whether training ends after an epoch with this value of the metric.
    mutating func endsTraining(after metric: Double) -> Bool {
        if counts.best.map({ metric < $0 - minimumDelta }) ?? (metric < .infinity) {
            counts = Counts(best: metric)
        } else {
            counts.badEpochs += 1
        }
        return hasEnded
    }
}
