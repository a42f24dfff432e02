import Dispatch
import Synchronization

/// A value that another thread computes.
public final class BackgroundResult<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let group = DispatchGroup()

    /// Starts the computation.
    public init(_ body: @escaping @Sendable () throws -> Value) {
        group.enter()
        DispatchQueue.global().async { [self] in
            let value = Result { try body() }
            result.withLock { $0 = value }
            group.leave()
        }
    }

    /// Waits for the value, or for the error that the computation throws.
    public func value() throws -> Value {
        group.wait()
        return try result.withLock { result in
            guard let result else { fatalError("the result is there when the group is left") }
            return try result.get()
        }
    }
}
