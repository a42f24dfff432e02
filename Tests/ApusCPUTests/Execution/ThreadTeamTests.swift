import ApusSystem
import Synchronization
import Testing

@testable import ApusCPU
@testable import ApusGraph

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite struct ThreadTeamTests {
    /// Counters that closures on several threads share.
    private final class Counters: Sendable {
        let next = Atomic(0)
        let done = Atomic(0)
        let helped = Atomic(0)
        let clashes = Atomic(0)
    }

    @Test(arguments: [1, 2, 5])
    func everyPartIsDoneOnce(size: Int) {
        let team = ThreadTeam(size: size)
        let inside = (0..<size).map { _ in Counters() }
        for round in 0..<2000 {
            // Longer than helpers look out for work.
            if round % 500 == 499 { usleep(2000) }
            let counters = Counters()
            team.run(width: size) { thread in
                if inside[thread].next.wrappingAdd(1, ordering: .relaxed).oldValue != 0 {
                    counters.clashes.wrappingAdd(1, ordering: .relaxed)
                }
                while counters.next.wrappingAdd(1, ordering: .relaxed).oldValue < 20 {
                    counters.done.wrappingAdd(1, ordering: .relaxed)
                }
                inside[thread].next.wrappingSubtract(1, ordering: .relaxed)
            }
            #expect(counters.done.load(ordering: .relaxed) == 20)
            #expect(counters.clashes.load(ordering: .relaxed) == 0)
        }
    }

    /// The caller goes on only after somebody helped; ten seconds are for a busy machine.
    @Test func helpersComeAndComeAgain() {
        let team = ThreadTeam(size: 2)
        for _ in 0..<3 {
            let counters = Counters()
            let end = monotonicSeconds() + 10
            team.run(width: 2) { thread in
                if thread == 1 { counters.helped.store(1, ordering: .relaxed) }
                while counters.helped.load(ordering: .relaxed) == 0, monotonicSeconds() < end { sched_yield() }
            }
            #expect(counters.helped.load(ordering: .relaxed) == 1)
            usleep(2000)
        }
    }

    /// Helpers that never come, or only now and then, are not missed.
    @Test(arguments: [1, 3]) func theWorkIsDoneWithoutHelpers(period: Int) {
        let attempts = Counters()
        let team = ThreadTeam(size: 4) { job in
            let number = attempts.next.wrappingAdd(1, ordering: .relaxed).newValue
            return number % period != 0 && Threads.run(job)
        }
        for round in 0..<300 {
            if round % 50 == 49 { usleep(1000) }
            let counters = Counters()
            team.run(width: 4) { _ in
                while counters.next.wrappingAdd(1, ordering: .relaxed).oldValue < 20 {
                    counters.done.wrappingAdd(1, ordering: .relaxed)
                }
            }
            #expect(counters.done.load(ordering: .relaxed) == 20)
        }
        // A helper that did not come is called again.
        #expect(attempts.next.load(ordering: .relaxed) >= (period == 1 ? 3 * 300 : 3))
    }

    @Test func noMoreThreadsThanWanted() {
        let team = ThreadTeam(size: 4)
        let counters = Counters()
        for width in [0, 1, 2] {
            team.run(width: width) { thread in
                if thread >= max(width, 1) { counters.clashes.wrappingAdd(1, ordering: .relaxed) }
                usleep(500)
            }
        }
        #expect(counters.clashes.load(ordering: .relaxed) == 0)
    }
}
