import CApusKernels
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Executor {
    /// Runs the body on one chunk after the other, all threads on the same one.
    func runShared(chunks: Int, _ fill: @Sendable (Int, inout Chunk) throws -> Void) throws -> [ChunkOutputs] {
        let leader = workers[0]
        return try (0..<chunks).map { k in
            let start = leader.tally == nil ? 0 : monotonicSeconds()
            try leader.fill(k, fill)
            leader.setUp()
            runShared(leader)
            let outputs = leader.outputs()
            leader.tally?.addChunk(leader.chunk.rowCounts, seconds: monotonicSeconds() - start)
            return outputs
        }
    }

    private func runShared(_ leader: Worker) {
        let counts = leader.chunk.rowCounts
        let tasks = ChunkTasks(program.sections, counts, groups: leader.groups!, threads: threads).tasks
        for worker in workers.dropFirst() { worker.layOut(counts, leader: leader) }
        let next = Atomic(0)
        let done = Atomic(0)
        leader.withIndices { indices in
            // Tasks touch different rows, and a thread owns the blocks of pairs that it works on.
            let state = Unshared((executor: self, indices: indices))
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                let (executor, indices) = state.value
                let worker = executor.workers[thread]
                while true {
                    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard number < tasks.count else { break }
                    // Tasks are taken in order, so those waited for are in the hands of threads that run.
                    wait(for: done, toReach: tasks[number].after)
                    worker.run(tasks[number], counts, indices)
                    done.wrappingAdd(1, ordering: .releasing)
                }
            }
        }
    }
}

/// Waits for tasks of other threads, which take microseconds; after some hundred the processor goes to whoever needs it.
private func wait(for done: borrowing Atomic<Int>, toReach count: Int) {
    var rounds = 0
    while done.load(ordering: .acquiring) < count {
        rounds += 1
        if rounds < 5000 { apus_pause() } else { sched_yield() }
    }
}
