import ApusFiles
import ApusRun
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// SIGINT, SIGTERM and SIGHUP as a wish to stop after the present step; before and after training they end the program.
///
/// SIGHUP comes when a terminal or a connection closes; where it is ignored, as `nohup` does, it stays so.
enum Interruption {
    /// `EX_TEMPFAIL` of sysexits: the run is not done, and can go on.
    static let exitCode: Int32 = 75

    /// What a signal meets.
    enum Phase: Int {
        /// A new run has no step yet.
        case beginning
        /// A run that goes on has no new step yet.
        case goingOn
        /// Steps are made.
        case training
        /// The last checkpoint is written, the results are not.
        case ending
    }

    /// Whether training should stop.
    static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    /// Takes the signals from now on. A second SIGINT ends the program at once, which files survive, since they are
    /// replaced only when they are complete.
    static func listen(_ phase: Phase) {
        // Both are made here, not within the handler.
        requests.store(0, ordering: .relaxed)
        phaseNumber.store(phase.rawValue, ordering: .relaxed)
        signal(SIGINT, request)
        signal(SIGTERM, request)
        let earlier = signal(SIGHUP, request)
        if unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGHUP, SIG_IGN) }
    }
}

/// Signals so far.
private let requests = Atomic<Int>(0)
private let phaseNumber = Atomic<Int>(0)

/// Handles a signal; does nothing that is not allowed there.
private func request(_ signal: Int32) {
    switch Interruption.Phase(rawValue: phaseNumber.load(ordering: .relaxed)) {
    case .beginning, nil: end("error: interrupted before the first step; nothing is saved.\n", 128 + signal)
    case .goingOn: end("error: interrupted before the next step; the run is as it was.\n", Interruption.exitCode)
    case .training:
        let earlier = requests.add(1, ordering: .relaxed).oldValue
        if earlier > 0, signal == SIGINT {
            removeUnfinishedFiles()
            _exit(128 + signal)
        }
    case .ending:
        end("error: interrupted after training; 'apus resume' writes the results.\n", Interruption.exitCode)
    }
}

private func end(_ message: StaticString, _ code: Int32) {
    removeUnfinishedFiles()
    message.withUTF8Buffer { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    _exit(code)
}
