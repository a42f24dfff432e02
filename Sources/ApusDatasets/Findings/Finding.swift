/// Something about data, or about data and a model, that is probably not wanted.
///
/// Findings are made here and in `ApusTraining`, and every command prints those that concern it.
public struct Finding: Sendable, Hashable {
    /// What it is about, for programs.
    public enum Kind: String, Sendable, CaseIterable {
        case geometry, cutoff, elements, energies, forces, stress, charges, moments, labels, states, split, folder,
            settings
    }

    /// How much it matters.
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        /// Good to know.
        case note
        /// Probably not what the user wants.
        case warning
        /// Training on it would be wrong.
        case fault

        /// Whether the first matters less.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What it is about.
    public let kind: Kind
    /// How much it matters.
    public let severity: Severity
    /// What was found and what can be done about it, in one line without a full stop at the end.
    public let message: String

    /// Describes a finding.
    public init(_ kind: Kind, _ severity: Severity, _ message: String) {
        (self.kind, self.severity, self.message) = (kind, severity, message)
    }

    /// Describes a warning.
    public init(_ kind: Kind, _ message: String) { self.init(kind, .warning, message) }

    /// The same with the file in front.
    public func located(file: String) -> Finding {
        file.isEmpty ? self : Finding(kind, severity, "\(file): \(message)")
    }
}
