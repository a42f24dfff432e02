import ApusGraph
import ApusSystem
import CApusKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The calling thread and helpers, which do parallel parts of the same work one after the other.
///
/// A helper that has done its part looks out for the next one for a fraction of a millisecond before it goes: to be
/// woken takes longer than a whole prediction of a small molecule. A helper that comes too late, or not at all because the
/// system makes no more threads, is not waited for, so a part must get done by any number of the threads.
final class ThreadTeam {
    /// Runs a job on another thread and returns true, or returns false where there is none.
    typealias StartThread = (@escaping @Sendable () -> Void) -> Bool

    private let helpers: [Helper]

    /// - Parameters:
    ///   - size: threads, the calling one included.
    ///   - startThread: what brings a helper; other than the system's in tests.
    init(size: Int, startThread: @escaping StartThread = Threads.run) {
        helpers = (1..<size).map { Helper(number: $0, startThread: startThread) }
    }

    /// Calls `body` on at most `width` threads with the number of each; the calling thread is number 0.
    func run(width: Int, _ body: @Sendable (Int) -> Void) {
        let helpers = helpers.prefix(max(width, 1) - 1)
        withoutActuallyEscaping(body) { body in
            for helper in helpers { helper.call(body) }
            body(0)
            for helper in helpers { helper.dismiss() }
        }
    }
}

/// One thread of a team beside the calling one, for as long as there is work.
private final class Helper: @unchecked Sendable {
    private enum State {
        /// No thread is there.
        static let absent = 0
        /// A thread looks out for work, or is about to.
        static let waiting = 1
        /// There is work that no thread has begun.
        static let called = 2
        static let working = 3
    }

    /// Seconds that a helper looks out for work.
    private static let patience = 200e-6

    private let number: Int
    private let startThread: ThreadTeam.StartThread
    private let state = Atomic(State.absent)
    /// Written by the caller while nobody works, read while the state is `working`.
    private var body: (@Sendable (Int) -> Void)?

    init(number: Int, startThread: @escaping ThreadTeam.StartThread) {
        (self.number, self.startThread) = (number, startThread)
    }

    func call(_ body: @escaping @Sendable (Int) -> Void) {
        self.body = body
        if state.exchange(State.called, ordering: .acquiringAndReleasing) == State.absent,
            !startThread({ self.lookOut() })
        {
            // The others do the work; the next call tries again.
            state.store(State.absent, ordering: .relaxed)
        }
    }

    /// Takes work back that was not begun, or waits for its end.
    func dismiss() {
        if !state.compareExchange(
            expected: State.called, desired: State.waiting, ordering: .acquiringAndReleasing
        ).exchanged {
            waitActively { state.load(ordering: .acquiring) != State.working }
        }
        body = nil
    }

    private func lookOut() {
        var begin = monotonicSeconds()
        while true {
            if state.compareExchange(
                expected: State.called, desired: State.working, ordering: .acquiringAndReleasing
            ).exchanged {
                work()
                state.store(State.waiting, ordering: .releasing)
                begin = monotonicSeconds()
            } else if monotonicSeconds() - begin < Self.patience {
                apus_pause()
            } else if state.compareExchange(
                expected: State.waiting, desired: State.absent, ordering: .acquiringAndReleasing
            ).exchanged {
                return
            }
        }
    }

    /// A function of its own, so that nothing holds on to the body when it returns.
    @inline(never) private func work() { body!(number) }
}

/// Waits for other threads, which need microseconds; after some hundred the processor goes to whoever needs it.
func waitActively(until isDone: () -> Bool) {
    var rounds = 0
    while !isDone() {
        rounds += 1
        if rounds < 5000 { apus_pause() } else { sched_yield() }
    }
}

/// What threads tell each other: each flag is raised once, and whoever sees it sees what was done before.
final class Flags: @unchecked Sendable {
    private let flags: UnsafeMutableBufferPointer<Atomic<Bool>>

    init(count: Int) {
        flags = .allocate(capacity: count)
        for k in 0..<count { flags.initializeElement(at: k, to: Atomic(false)) }
    }

    deinit { flags.deinitialize().deallocate() }

    subscript(k: Int) -> Bool { flags[k].load(ordering: .acquiring) }
    func raise(_ k: Int) { flags[k].store(true, ordering: .releasing) }
}
