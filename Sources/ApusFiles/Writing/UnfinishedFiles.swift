import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The names of files that are being written, for a signal handler, which may neither allocate nor lock.
enum UnfinishedFiles {
    private typealias Name = UnsafeMutablePointer<CChar>

    /// A name stays readable until it is taken out; whoever takes it owns it.
    private struct Slots: @unchecked Sendable {
        let names: UnsafeMutableBufferPointer<Atomic<Name?>>

        init(count: Int) {
            names = .allocate(capacity: count)
            for k in 0..<count { names.initializeElement(at: k, to: Atomic(nil)) }
        }
    }

    /// More files than are ever written at once; one too many is not removed after a signal.
    private static let slots = Slots(count: 64)

    /// Makes the list, which a signal handler must find made.
    static func prepare() { _ = slots }

    /// Notes a name and returns its place.
    static func add(_ name: String) -> Int? {
        guard let copy = strdup(name) else { return nil }
        for k in slots.names.indices
        where slots.names[k].compareExchange(expected: nil, desired: copy, ordering: .acquiringAndReleasing).exchanged {
            return k
        }
        free(copy)
        return nil
    }

    /// Forgets the name at a place.
    static func remove(_ slot: Int?) {
        if let slot { free(slots.names[slot].exchange(nil, ordering: .acquiringAndReleasing)) }
    }

    /// Removes all files that are noted; may be called by a signal handler.
    static func unlinkAll() {
        for k in slots.names.indices {
            if let name = slots.names[k].exchange(nil, ordering: .acquiringAndReleasing) { unlink(name) }
        }
    }
}

/// Removes what is being written; may be called by a signal handler that ends the program.
public func removeUnfinishedFiles() { UnfinishedFiles.unlinkAll() }

/// From now on, SIGHUP, SIGINT and SIGTERM remove what is being written before they end the program.
///
/// Signals that are ignored stay ignored, as `nohup` wants it.
public func removeUnfinishedFilesOnSignals() {
    UnfinishedFiles.prepare()
    for number in [SIGHUP, SIGINT, SIGTERM] {
        let earlier = signal(number, endAfterRemoval)
        if unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
    }
}

/// Handles a signal; does nothing that is not allowed there.
private func endAfterRemoval(_ number: Int32) {
    UnfinishedFiles.unlinkAll()
    signal(number, SIG_DFL)
    // It takes effect when the handler returns, so that the parent sees by what the program ended.
    raise(number)
}
