import ApusDatasets
import ApusReporting

/// Passes findings on to the log, each once; a dry run keeps them for its report instead.
final class FindingLog {
    private let log: Log
    private let isHeld: Bool
    /// All findings so far.
    private(set) var findings: [Finding] = []

    /// - Parameter isHeld: Whether findings are only kept.
    init(_ log: Log, isHeld: Bool = false) {
        (self.log, self.isHeld) = (log, isHeld)
    }

    /// Takes findings up and prints those that are new.
    func report(_ found: [Finding]) {
        for finding in found where !findings.contains(finding) {
            findings.append(finding)
            guard !isHeld else { continue }
            finding.severity == .note ? log.info(finding.message) : log.warning(finding.message)
        }
    }
}
