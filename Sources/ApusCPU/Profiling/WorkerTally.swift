import ApusGraph
import ApusSystem

/// What one thread did since profiling began.
struct WorkerTally: Sendable {
    /// Calls of a step that all overwrite or all add, with the rows of each set in all of them.
    struct Entry: Sendable {
        var calls = 0
        var rows: [Int]

        fileprivate mutating func add(_ counts: UnsafePointer<Int>) {
            calls += 1
            for set in rows.indices { rows[set] += counts[set] }
        }

        fileprivate mutating func add(_ other: Entry) {
            calls += other.calls
            for set in rows.indices { rows[set] += other.rows[set] }
        }

        /// The same with names of sets.
        func rows(_ sets: [IndexSet]) -> CallRows {
            var counts = RowCounts()
            for (set, rows) in zip(sets, rows) { counts[.indexed(set)] = rows }
            return CallRows(calls: calls, counts: counts)
        }
    }

    /// The calls of one step.
    struct Step: Sendable {
        var seconds = 0.0
        var overwriting: Entry
        var adding: Entry

        var calls: Int { overwriting.calls + adding.calls }
    }

    /// By the number of the step: prologue, body, epilogue.
    var steps: [Step]
    /// Seconds in which chunks were filled.
    var fillSeconds = 0.0
    /// Seconds in which the arena was laid out, inputs converted and outputs read.
    var setUpSeconds = 0.0
    /// Seconds in the body, in steps and between them.
    var bodySeconds = 0.0
    /// The chunks and their rows.
    var chunks = CallRows()

    init(steps count: Int, sets: Int) {
        let none = Entry(rows: [Int](repeating: 0, count: sets))
        steps = [Step](repeating: Step(overwriting: none, adding: none), count: count)
    }

    mutating func add(_ seconds: Double, step: Int, _ counts: UnsafePointer<Int>, adds: Bool) {
        steps[step].seconds += seconds
        if adds {
            steps[step].adding.add(counts)
        } else {
            steps[step].overwriting.add(counts)
        }
    }

    mutating func add(_ other: WorkerTally) {
        for k in steps.indices {
            steps[k].seconds += other.steps[k].seconds
            steps[k].overwriting.add(other.steps[k].overwriting)
            steps[k].adding.add(other.steps[k].adding)
        }
        fillSeconds += other.fillSeconds
        setUpSeconds += other.setUpSeconds
        bodySeconds += other.bodySeconds
        chunks.add(other.chunks)
    }
}

/// Seconds that one reading of the clock adds to a measured duration: the least of some means.
func measuredClockSeconds() -> Double {
    let count = 1000
    return (0..<10).map { _ in
        (0..<count).reduce(0.0) { total, _ in
            let start = monotonicSeconds()
            return total + (monotonicSeconds() - start)
        } / Double(count)
    }.min()!
}
