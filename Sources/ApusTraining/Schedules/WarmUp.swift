import ApusSystem

/// A learning rate that rises in a straight line at first, PyTorch's `LinearLR` before another schedule.
public struct WarmUp: Sendable, Equatable, Codable {
    /// `start_factor`: the part of the rate that training begins with.
    public var startFactor: Double
    /// `total_iters`: steps or epochs until the whole rate is reached.
    public var length: Int
    /// What is counted.
    public var interval: ScheduleInterval

    /// PyTorch's start factor, in steps.
    public init(length: Int, startFactor: Double = 1.0 / 3, interval: ScheduleInterval = .step) {
        require(length >= 0, "a warm-up has a length >= 0, not \(length)")
        self.length = length
        self.startFactor = startFactor
        self.interval = interval
    }

    /// The factor after `count` of `length` steps or epochs.
    func factor(after count: Int) -> Double {
        count >= length ? 1 : startFactor + (1 - startFactor) * Double(count) / Double(length)
    }
}
