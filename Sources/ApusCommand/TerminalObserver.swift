import ApusReporting
import ApusRun

/// Shows what a run tells on standard error: messages, and the progress of training.
final class TerminalObserver: RunObserver {
    private let log: Log
    private let isQuiet: Bool
    private var progress: ProgressDisplay?

    /// - Parameter isQuiet: Whether no progress is shown.
    init(_ log: Log, isQuiet: Bool) { (self.log, self.isQuiet) = (log, isQuiet) }

    func tell(_ level: Log.Level, _ message: String) {
        progress?.clear()
        log.write(level, message)
    }

    func happened(_ event: RunEvent) {
        switch event {
        case .trainingBegan(let epochs):
            progress = ProgressDisplay(epochs: epochs, isQuiet: isQuiet)
            Interruption.listen(.training)
        case .training(.epochBegan(let epoch, let systems)): progress?.beginEpoch(epoch, molecules: systems)
        case .training(.step(let systems, let loss)):
            progress?.advance(molecules: systems, values: [ReportedValue("loss", loss)])
        case .training: break
        case .epochEnded(_, let values): progress?.endEpoch(values: values)
        case .trainingEnded: Interruption.listen(.ending)
        }
    }
}
