import ApusDatasets
import ApusReporting
import ApusTraining

/// Receives what runs tell while they go on; a program shows it, or does what it likes with it.
///
/// All calls come from the thread that the run was started on.
public protocol RunObserver: AnyObject {
    /// A sentence about what is done or noticed, without a full stop.
    func tell(_ level: Log.Level, _ message: String)

    /// What looks wrong with data or model; nothing is found twice.
    func found(_ finding: Finding)

    /// What happens while a run trains.
    func happened(_ event: RunEvent)
}

extension RunObserver {
    /// Tells it as a warning, or as information when it is no more than a note.
    public func found(_ finding: Finding) { tell(finding.severity == .note ? .info : .warning, finding.message) }

    /// Does nothing.
    public func happened(_ event: RunEvent) {}
}

/// What happens while a run trains.
public enum RunEvent: Sendable {
    /// Everything is prepared, and steps follow until so many epochs are done.
    case trainingBegan(epochs: Int)
    /// What happens in an epoch.
    case training(TrainingEvent)
    /// An epoch has ended; these are the figures for people, with their units.
    case epochEnded(epoch: Int, values: [ReportedValue])
    /// No more steps follow and the last checkpoint is written; the results are not.
    case trainingEnded(TrainingEnd)
}

/// Sentences of a run on their way to its observer, if there is one.
package struct RunLog {
    package let observer: (any RunObserver)?
    private let minimum: Log.Level

    /// - Parameter minimum: Sentences of less importance are left out.
    package init(_ observer: (any RunObserver)?, minimum: Log.Level = .detail) {
        (self.observer, self.minimum) = (observer, minimum)
    }

    /// The same log without what is less important than a warning.
    package var warnings: RunLog { RunLog(observer, minimum: .warning) }

    package func detail(_ message: String) { tell(.detail, message) }
    package func info(_ message: String) { tell(.info, message) }
    package func warning(_ message: String) { tell(.warning, message) }

    package func found(_ finding: Finding) {
        guard (finding.severity == .note ? .info : .warning) >= minimum else { return }
        observer?.found(finding)
    }

    package func happened(_ event: RunEvent) { observer?.happened(event) }

    private func tell(_ level: Log.Level, _ message: String) {
        guard level >= minimum else { return }
        observer?.tell(level, message)
    }
}
