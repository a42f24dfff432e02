import ApusGraph
import ApusSystem

/// What one thread did since profiling began.
struct WorkerTally: Sendable {
    /// The calls of one step.
    struct Entry: Sendable {
        var seconds = 0.0
        var overwriting = CallRows()
        var adding = CallRows()

        var calls: Int { overwriting.calls + adding.calls }

        mutating func add(_ other: Entry) {
            seconds += other.seconds
            overwriting.add(other.overwriting)
            adding.add(other.adding)
        }
    }

    /// By the number of the step: prologue, body, epilogue.
    var steps: [Entry]
    /// Seconds in which chunks were filled.
    var fillSeconds = 0.0
    /// Seconds in which the arena was laid out, inputs converted and outputs read.
    var setUpSeconds = 0.0
    /// Seconds in the body, in steps and between them.
    var bodySeconds = 0.0
    /// The chunks and their rows.
    var chunks = CallRows()

    init(steps count: Int) { steps = [Entry](repeating: Entry(), count: count) }

    mutating func add(_ seconds: Double, step: Int, _ counts: RowCounts, adds: Bool) {
        steps[step].seconds += seconds
        if adds {
            steps[step].adding.add(counts)
        } else {
            steps[step].overwriting.add(counts)
        }
    }

    mutating func add(_ other: WorkerTally) {
        for k in steps.indices { steps[k].add(other.steps[k]) }
        fillSeconds += other.fillSeconds
        setUpSeconds += other.setUpSeconds
        bodySeconds += other.bodySeconds
        chunks.add(other.chunks)
    }
}

/// The seconds by which a duration is too long that the clock was read at both ends of.
func measuredClockSeconds() -> Double {
    let count = 1000
    return (0..<10).map { _ in
        (0..<count).reduce(0.0) { total, _ in
            let start = monotonicSeconds()
            return total + (monotonicSeconds() - start)
        } / Double(count)
    }.min()!
}
