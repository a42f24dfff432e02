import ApusGraph
import Synchronization

extension Executor {
    /// Runs the body on one chunk after the other, all threads on the same one.
    func runShared(chunks: Int, _ fill: @Sendable (Int, inout Chunk) throws -> Void) throws -> [ChunkOutputs] {
        let leader = workers[0]
        return try (0..<chunks).map { k in
            try leader.fill(k, fill)
            leader.setUp()
            runShared(leader)
            return leader.outputs()
        }
    }

    private func runShared(_ leader: Worker) {
        let counts = leader.chunk.rowCounts
        let tasks = leader.counting(\.bodySeconds) {
            for worker in workers.dropFirst() { worker.layOut(counts, leader: leader) }
            return ChunkTasks(program.sections, counts, groups: leader.groups!, threads: threads).tasks
        }
        let next = Atomic(0)
        let done = Atomic(0)
        leader.withIndices { indices in
            // Tasks touch different rows, and a thread owns the blocks of pairs that it works on.
            let state = Unshared((executor: self, indices: indices))
            team.run(width: threads) { thread in
                let (executor, indices) = state.value
                let worker = executor.workers[thread]
                while true {
                    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard number < tasks.count else { break }
                    // Tasks are taken in order, so those waited for are in the hands of threads that run.
                    waitActively { done.load(ordering: .acquiring) >= tasks[number].after }
                    worker.counting(\.bodySeconds) { worker.run(tasks[number], counts, indices) }
                    done.wrappingAdd(1, ordering: .releasing)
                }
            }
        }
    }
}
