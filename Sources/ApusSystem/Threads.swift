import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Threads beside the calling one, which wait for the next job when they have done one.
///
/// The queues of Dispatch wait for ever where the system makes no more threads, as under limits on processes or memory
/// and in containers. Here that is an answer, and the caller does the job itself.
public enum Threads {
    private static let idle = Mutex<[JobThread]>([])
    private static let hasFailed = Atomic(false)
    private static let whenFailed = Mutex<(@Sendable () -> Void)?>(nil)

    /// Runs a job on another thread.
    ///
    /// - Returns: Whether there is one; if not, the job is not run.
    public static func run(_ job: @escaping @Sendable () -> Void) -> Bool {
        if let thread = idle.withLock({ $0.popLast() }) {
            thread.begin(job)
            return true
        }
        guard JobThread.start(job) else {
            if !hasFailed.exchange(true, ordering: .relaxed) { whenFailed.withLock { $0 }?() }
            return false
        }
        return true
    }

    /// Sets what is called, once, when the system makes no thread.
    public static func whenNoneCanBeMade(_ body: @escaping @Sendable () -> Void) {
        whenFailed.withLock { $0 = body }
    }

    fileprivate static func becomesIdle(_ thread: JobThread) { idle.withLock { $0.append(thread) } }
}

/// A thread of the system that runs one job after the other, for as long as the program runs.
private final class JobThread: @unchecked Sendable {
    private let wakeUp = DispatchSemaphore(value: 0)
    /// Written by the caller before the thread is woken, read after.
    private var job: (@Sendable () -> Void)?

    private init(_ job: @escaping @Sendable () -> Void) { self.job = job }

    static func start(_ job: @escaping @Sendable () -> Void) -> Bool {
        let thread = Unmanaged.passRetained(JobThread(job))
        // Signals are for the main thread, except those of a fault, which end the thread that made it.
        var (mask, earlier) = (sigset_t(), sigset_t())
        sigfillset(&mask)
        for number in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&mask, number) }
        pthread_sigmask(SIG_SETMASK, &mask, &earlier)
        defer { pthread_sigmask(SIG_SETMASK, &earlier, nil) }
        #if canImport(Glibc)
        var id = pthread_t()
        let status = pthread_create(&id, nil, { runJobs($0!) }, thread.toOpaque())
        #else
        var id: pthread_t?
        let status = pthread_create(&id, nil, { runJobs($0) }, thread.toOpaque())
        #endif
        guard status == 0 else {
            thread.release()
            return false
        }
        #if canImport(Glibc)
        pthread_detach(id)
        #else
        pthread_detach(id!)
        #endif
        return true
    }

    func begin(_ job: @escaping @Sendable () -> Void) {
        self.job = job
        wakeUp.signal()
    }

    func runForever() -> Never {
        while true {
            work()
            Threads.becomesIdle(self)
            wakeUp.wait()
        }
    }

    /// A function of its own, so that nothing holds on to what a job uses when it has ended.
    @inline(never) private func work() {
        job?()
        job = nil
    }
}

private func runJobs(_ thread: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<JobThread>.fromOpaque(thread).takeUnretainedValue().runForever()
}
