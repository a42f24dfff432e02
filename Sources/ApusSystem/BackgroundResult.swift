import Dispatch
import Synchronization

/// A value that another thread computes, or the one that asks for it where there is no other.
public final class BackgroundResult<Value: Sendable>: Sendable {
    private let state: BackgroundState<Value>
    private let hasThread: Bool

    /// Starts the computation.
    public init(_ body: @escaping @Sendable () throws -> Value) {
        let state = BackgroundState(body)
        self.state = state
        hasThread = Threads.run { state.compute() }
    }

    /// Waits for the value, or for the error that the computation throws.
    public func value() throws -> Value {
        if hasThread { state.wait() } else { state.compute() }
        return try state.result()
    }
}

/// What a computation and those who wait for it share.
private final class BackgroundState<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)
    private let body: @Sendable () throws -> Value

    init(_ body: @escaping @Sendable () throws -> Value) { self.body = body }

    /// Computes the value once.
    func compute() {
        outcome.withLock { outcome in
            guard outcome == nil else { return }
            outcome = Result { try body() }
            isDone.signal()
        }
    }

    func wait() {
        isDone.wait()
        // Whoever waits next goes on at once, too.
        isDone.signal()
    }

    func result() throws -> Value {
        try outcome.withLock { outcome in
            guard let outcome else { fatalError("the result is there when the waiting has ended") }
            return try outcome.get()
        }
    }
}

/// Calls a function with each number below a count, on the calling thread and on as many others as there are, at most
/// `threads` together.
public func forEachConcurrently(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
        let work = Numbering(count, body)
        let helpers = (1..<max(1, min(count, threads))).map { _ in BackgroundResult { work.run() } }
        work.run()
        // A helper that could not be started has nothing left to do.
        for helper in helpers { try? helper.value() }
        work.forget()
    }
}

/// Whole numbers from 0, each given to one call of a function.
private final class Numbering: @unchecked Sendable {
    private let count: Int
    private let next = Atomic(0)
    /// Cleared when all threads are done with it, though their jobs may be held a moment longer.
    private var body: (@Sendable (Int) -> Void)?

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) { (self.count, self.body) = (count, body) }

    /// A function of its own, so that nothing holds on to the body when it returns.
    @inline(never) func run() {
        while case let number = next.wrappingAdd(1, ordering: .relaxed).oldValue, number < count { body?(number) }
    }

    func forget() { body = nil }
}
