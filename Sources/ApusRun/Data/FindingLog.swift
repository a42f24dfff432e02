import ApusDatasets
import ApusReporting

/// Passes findings on to the log, each once; a dry run keeps them for its report instead.
package final class FindingLog {
    private let log: RunLog
    private let isHeld: Bool
    /// All findings so far.
    private(set) var findings: [Finding] = []

    /// - Parameter isHeld: Whether findings are only kept.
    package init(_ log: RunLog, isHeld: Bool = false) {
        (self.log, self.isHeld) = (log, isHeld)
    }

    /// Takes findings up and tells those that are new.
    package func report(_ found: [Finding]) {
        for finding in found where !findings.contains(finding) {
            findings.append(finding)
            guard !isHeld else { continue }
            log.found(finding)
        }
    }
}
