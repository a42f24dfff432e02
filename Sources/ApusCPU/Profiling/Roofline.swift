import ApusGraph

/// What the machine does at most, all threads together (Williams, Waterman & Patterson 2009, doi 10.1145/1498765.1498785).
public struct Roofline: Sendable {
    /// Floating-point operations per second.
    public let peak: Double
    /// Bytes per second on arrays as large as the arena of a thread.
    public let bandwidth: Double
    /// Bytes per second on arrays as large as the numbers of one block of pairs.
    public let blockBandwidth: Double

    /// Bounds that were measured.
    init(peak: Double, bandwidth: Double, blockBandwidth: Double) {
        self.peak = peak
        self.bandwidth = bandwidth
        self.blockBandwidth = max(blockBandwidth, bandwidth)
    }

    /// Measures the bandwidths with the threads and the sizes of arrays that a step had.
    ///
    /// - Parameter peak: operations per second, measured with the same threads.
    public init(peak: Double, for profile: StepProfile, instructionSet: InstructionSet) {
        let bandwidth = { instructionSet.measuredBandwidth(profile.precision, threads: profile.threads, bytes: $0) }
        self.init(
            peak: peak, bandwidth: bandwidth(profile.arenaBytes), blockBandwidth: bandwidth(profile.blockBytes))
    }

    /// The least seconds for the work of an entry: max(operations/peak, bytes/bandwidth).
    public func seconds(for entry: ExecutionProfile.Entry) -> Double {
        max(entry.cost.operations / peak, entry.cost.bytes / (entry.isBlocked ? blockBandwidth : bandwidth))
    }

    /// The least seconds for a step: the sum over its entries.
    public func seconds(for profile: StepProfile) -> Double { profile.entries.reduce(0) { $0 + seconds(for: $1) } }
}
