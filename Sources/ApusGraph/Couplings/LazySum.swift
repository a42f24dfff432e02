import Synchronization

/// The nested sums of a coupling: found when first asked for, by whoever needs them, and kept.
package final class LazySum: Sendable {
    private let known = Mutex<NestedSum?>(nil)
    private let make: @Sendable () -> NestedSum

    init(_ make: @escaping @Sendable () -> NestedSum) { self.make = make }

    package var value: NestedSum {
        known.withLock { known in
            if known == nil { known = make() }
            return known!
        }
    }
}
