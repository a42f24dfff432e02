import ApusGraph

/// Where the time of a training step goes: the fastest of some.
public struct StepProfile: Sendable {
    /// Threads that the step ran on.
    public let threads: Int
    /// Steps that it is the fastest of.
    public internal(set) var steps = 1
    /// Its seconds; longer than without a profile, by the readings of the clock.
    public let seconds: Double
    /// What threads do, with what they wait for one another at the end; the seconds add up to those of all threads.
    public let entries: [ExecutionProfile.Entry]
    /// The parts of a step in their order, with the rest at the end; the seconds add up to the step.
    public let phases: [ExecutionProfile.Phase]

    init(
        threads: Int, seconds: Double, entries: [ExecutionProfile.Entry], phases: [ExecutionProfile.Phase]
    ) {
        self.threads = threads
        self.seconds = seconds
        self.entries = entries
        self.phases = phases
    }

    /// Completes what the executor has measured in a step that took `seconds`.
    init(_ executor: Executor, optimizer: Optimizer, parameters: Int, seconds: Double) {
        let measured = executor.profile
        let size = executor.precision.elementSize
        self.seconds = seconds
        threads = executor.threads
        var entries = measured.entries
        for k in entries.indices {
            switch entries[k].kind {
            case ExecutionPhase.optimizer.rawValue:
                entries[k].cost = optimizer.cost(parameters: parameters, elementSize: size)
            case ExecutionPhase.check.rawValue: entries[k].cost = Cost(bytes: Double(parameters * size))
            default: break
            }
        }
        let busy = entries.reduce(0) { $0 + $1.seconds }
        let waiting = max(0, Double(threads) * seconds - busy)
        entries.append(
            .init(kind: "waiting", rows: "once per step", seconds: waiting, calls: 0, rowCount: 0, cost: Cost()))
        self.entries = entries
        let rest = max(0, seconds - measured.phases.reduce(0) { $0 + $1.seconds })
        phases = measured.phases + [.init(name: "rest", seconds: rest, pieces: [(rest, 1)])]
    }

    /// The part of the threads' time that an entry has; 1 for all together.
    public func share(of entry: ExecutionProfile.Entry) -> Double {
        entry.seconds / entries.reduce(0) { $0 + $1.seconds }
    }

    /// The seconds of a step on one thread that no other could take over.
    public var serialSeconds: Double {
        phases.reduce(0) { $0 + $1.pieces.reduce(0) { $0 + ($1.width == 1 ? $1.threadSeconds : 0) } }
    }

    /// How many times as fast as one thread so many would be if all but the serial part were shared evenly: Amdahl's law
    /// (1967, doi 10.1145/1465482.1465560), 1/(s + (1 − s)/n).
    public func amdahlSpeedup(threads: Int) -> Double {
        let serial = serialSeconds / seconds(threads: 1)
        return 1 / (serial + (1 - serial) / Double(threads))
    }

    /// The same with no more threads on a piece than it has parts: chunks have lanes, a prologue has levels.
    public func speedup(threads: Int) -> Double { seconds(threads: 1) / seconds(threads: threads) }

    private func seconds(threads: Int) -> Double { phases.reduce(0) { $0 + $1.seconds(threads: threads) } }
}

/// What the machine does at most, all threads together (Williams, Waterman & Patterson 2009, doi 10.1145/1498765.1498785).
public struct Roofline: Sendable {
    /// Floating-point operations per second.
    public let peak: Double
    /// Bytes per second on arrays as large as the arena of a thread.
    public let bandwidth: Double
    /// Bytes per second on arrays as large as the numbers of one block of pairs.
    public let blockBandwidth: Double

    /// Bounds that were measured.
    public init(peak: Double, bandwidth: Double, blockBandwidth: Double) {
        self.peak = peak
        self.bandwidth = bandwidth
        self.blockBandwidth = max(blockBandwidth, bandwidth)
    }

    /// The least seconds for the work of an entry: max(operations/peak, bytes/bandwidth).
    public func seconds(for entry: ExecutionProfile.Entry) -> Double {
        max(entry.cost.operations / peak, entry.cost.bytes / (entry.isBlocked ? blockBandwidth : bandwidth))
    }

    /// The least seconds for a step: the sum over its entries.
    public func seconds(for profile: StepProfile) -> Double { profile.entries.reduce(0) { $0 + seconds(for: $1) } }
}
