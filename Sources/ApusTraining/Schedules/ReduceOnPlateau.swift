/// Lowers the learning rate when a metric has stopped improving, as PyTorch's `ReduceLROnPlateau` does.
public struct ReduceOnPlateau: Codable, Sendable, Equatable {
    /// How an improvement is measured.
    public enum ThresholdMode: String, Codable, Sendable, CaseIterable {
        /// Relative to the best value.
        case relative = "rel"
        /// In the units of the metric.
        case absolute = "abs"
    }

    /// The learning rate is multiplied by this.
    public var factor = 0.1
    /// Epochs without improvement that are tolerated.
    public var patience = 10
    /// Smaller improvements do not count.
    public var threshold = 1e-4
    /// How an improvement is measured.
    public var thresholdMode = ThresholdMode.relative
    /// Epochs after a reduction in which nothing is counted.
    public var cooldown = 0
    /// The rate never gets smaller than this.
    public var minimumRate = 0.0
    /// Smaller changes of the rate are not made.
    public var epsilon = 1e-8
    /// Whether larger values are better.
    public var maximizes = false

    private var counts = Counts()

    private struct Counts: Codable, Equatable, Sendable {
        var best: Double?
        var badEpochs = 0
        var cooldownLeft = 0
    }

    /// PyTorch's defaults.
    public init() {}

    /// The rate after an epoch with the given value of the metric.
    public mutating func step(rate: Double, metric: Double) -> Double {
        if isBetter(metric) {
            counts.best = metric
            counts.badEpochs = 0
        } else {
            counts.badEpochs += 1
        }
        if counts.cooldownLeft > 0 {
            counts.cooldownLeft -= 1
            counts.badEpochs = 0
        }
        guard counts.badEpochs > patience else { return rate }
        counts.cooldownLeft = cooldown
        counts.badEpochs = 0
        let reduced = max(rate * factor, minimumRate)
        return rate - reduced > epsilon ? reduced : rate
    }

    /// This schedule with the counts of an earlier one of the same rule; a changed rule begins to count anew.
    func continuing(_ earlier: ReduceOnPlateau) -> ReduceOnPlateau {
        var fresh = earlier
        fresh.counts = Counts()
        return fresh == self ? earlier : self
    }

    private func isBetter(_ metric: Double) -> Bool {
        guard let best = counts.best else { return !metric.isNaN }
        switch (maximizes, thresholdMode) {
        case (false, .relative): return metric < best * (1 - threshold)
        case (false, .absolute): return metric < best - threshold
        case (true, .relative): return metric > best * (1 + threshold)
        case (true, .absolute): return metric > best + threshold
        }
    }
}
