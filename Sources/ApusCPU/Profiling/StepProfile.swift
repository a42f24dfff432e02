import ApusGraph
import ApusSystem

/// Where the time of a step goes, of training or prediction: the fastest of some.
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
    /// The number format.
    let precision: Precision
    /// Bytes of the arena of one thread.
    let arenaBytes: Int
    /// Bytes of the numbers of one block of pairs.
    let blockBytes: Int

    /// Profiles steps for at least `seconds` and keeps the fastest: other work on the machine makes steps longer, never
    /// shorter.
    public static func fastest(
        on executor: Executor, costs: [ExecutionPhase: Cost] = [:], seconds: Double, _ step: () throws -> Void
    ) rethrows -> StepProfile {
        var fastest: StepProfile?
        executor.isProfiling = true
        defer { executor.isProfiling = false }
        let times = try stepSeconds(for: seconds, step) { seconds in
            if seconds < fastest?.seconds ?? .infinity {
                fastest = StepProfile(executor, costs: costs, seconds: seconds)
            }
            // Begins anew.
            executor.isProfiling = true
        }
        fastest!.steps = times.count
        return fastest!
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

    /// The same with no more threads on a piece than it has parts: batches have lanes, a prologue has chains of steps, the
    /// pairs of a shared system have groups.
    public func speedup(threads: Int) -> Double { seconds(threads: 1) / seconds(threads: threads) }

    private func seconds(threads: Int) -> Double { phases.reduce(0) { $0 + $1.seconds(threads: threads) } }
}

extension StepProfile {
    /// Completes what the executor has measured in a step that took `seconds`, with the costs of phases that it does
    /// not know.
    init(_ executor: Executor, costs: [ExecutionPhase: Cost], seconds: Double) {
        let measured = executor.profile
        self.seconds = seconds
        threads = executor.threads
        precision = executor.precision
        arenaBytes = executor.arenaBytes
        blockBytes = executor.program.blockBytes(executor.precision)
        var entries = measured.entries
        for k in entries.indices {
            if let cost = ExecutionPhase(rawValue: entries[k].kind).flatMap({ costs[$0] }) { entries[k].cost = cost }
        }
        let busy = entries.reduce(0) { $0 + $1.seconds }
        let waiting = max(0, Double(threads) * seconds - busy)
        entries.append(
            .init(kind: "waiting", rows: "once per step", seconds: waiting, calls: 0, rowCount: 0, cost: Cost()))
        self.entries = entries
        let rest = max(0, seconds - measured.phases.reduce(0) { $0 + $1.seconds })
        phases = measured.phases + [.init(name: "rest", seconds: rest, pieces: [(rest, 1)])]
    }
}

/// The seconds of each of the steps that fit into a time, but of five at least.
///
/// - Parameter done: is told the seconds after each step.
public func stepSeconds(
    for seconds: Double, _ step: () throws -> Void, done: (Double) -> Void = { _ in }
) rethrows -> [Double] {
    var times: [Double] = []
    let start = monotonicSeconds()
    repeat {
        let stepStart = monotonicSeconds()
        try step()
        times.append(monotonicSeconds() - stepStart)
        done(times.last!)
    } while monotonicSeconds() - start < seconds || times.count < 5
    return times
}
