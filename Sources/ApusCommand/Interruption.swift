import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// SIGINT and SIGTERM as a wish to stop after the present step.
enum Interruption {
    /// `EX_TEMPFAIL` of sysexits: the run is not done, and can go on.
    static let exitCode: Int32 = 75

    /// Whether training should stop.
    static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    /// Takes the signals from now on. A second SIGINT ends the program at once, which files survive, since they are
    /// replaced only when they are complete.
    static func listen() {
        // The counter is made here, not within the handler.
        requests.store(0, ordering: .relaxed)
        signal(SIGINT, request)
        signal(SIGTERM, request)
    }
}

/// Signals so far.
private let requests = Atomic<Int>(0)

/// Handles a signal; does nothing that is not allowed there.
private func request(_ signal: Int32) {
    let earlier = requests.add(1, ordering: .relaxed).oldValue
    if earlier > 0, signal == SIGINT { _exit(128 + signal) }
}
