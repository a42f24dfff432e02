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
        let tasks = leader.counting(\.bodySeconds) {
            for worker in workers.dropFirst() { worker.layOut(leader: leader) }
            return ChunkTasks(program.sections, leader.table.counts, groups: leader.groups, threads: threads).tasks
        }
        let next = Atomic(0)
        let done = Atomic(0)
        // Tasks touch different rows, and a thread owns the blocks that it works on.
        let state = Unshared(self)
        team.run(width: threads) { thread in
            let worker = state.value.workers[thread]
            while true {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < tasks.count else { break }
                // Tasks are taken in order, so those waited for are in the hands of threads that run.
                waitActively { done.load(ordering: .acquiring) >= tasks[number].after }
                worker.counting(\.bodySeconds) { worker.run(tasks[number]) }
                done.wrappingAdd(1, ordering: .releasing)
            }
        }
    }
}
