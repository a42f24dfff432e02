/// Lowers the learning rate when a metric has stopped improving, as PyTorch's `ReduceLROnPlateau` does.
public struct ReduceOnPlateau: Sendable, Equatable, Codable {
    /// How an improvement is measured.
    public enum ThresholdMode: String, Sendable, CaseIterable, Codable {
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

    private var best: Double?
    private var badEpochs = 0
    private var cooldownLeft = 0

    /// PyTorch's defaults.
    public init() {}

    /// The rate after an epoch with the given value of the metric.
    public mutating func step(rate: Double, metric: Double) -> Double {
        if isBetter(metric) {
            best = metric
            badEpochs = 0
        } else {
            badEpochs += 1
        }
        if cooldownLeft > 0 {
            cooldownLeft -= 1
            badEpochs = 0
        }
        guard badEpochs > patience else { return rate }
        cooldownLeft = cooldown
        badEpochs = 0
        let reduced = max(rate * factor, minimumRate)
        return rate - reduced > epsilon ? reduced : rate
    }

    private func isBetter(_ metric: Double) -> Bool {
        guard let best else { return !metric.isNaN }
        switch (maximizes, thresholdMode) {
        case (false, .relative): return metric < best * (1 - threshold)
        case (false, .absolute): return metric < best - threshold
        case (true, .relative): return metric > best * (1 + threshold)
        case (true, .absolute): return metric > best + threshold
        }
    }
}
