import ApusFiles

/// Messages for the user, one line each whatever is in them, with their importance in front.
public struct Log: Sendable {
    /// The importance of a message.
    public enum Level: String, Sendable, Comparable, CaseIterable {
        /// What the program does, for who wants to know.
        case detail
        /// Useful to know.
        case info
        /// Probably not what the user wants.
        case warning
        /// The reason for stopping.
        case error

        /// Whether the first is less important.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self)! }
    }

    /// Messages below this level are left out.
    public let minimum: Level
    private let terminal: Terminal
    private let output: @Sendable (String) -> Void

    /// Creates a log on standard error or, for tests, on another output.
    public init(
        minimum: Level = .info, terminal: Terminal = .standardError,
        output: @escaping @Sendable (String) -> Void = writeToStandardError
    ) {
        self.minimum = minimum
        self.terminal = terminal
        self.output = output
    }

    /// Tells what happens.
    public func detail(_ message: String) { write(.detail, message) }

    /// Tells something useful.
    public func info(_ message: String) { write(.info, message) }

    /// Tells what is probably not wanted.
    public func warning(_ message: String) { write(.warning, message) }

    /// Tells why the program stops.
    public func error(_ message: String) { write(.error, message) }

    /// Tells a message of some importance.
    public func write(_ level: Level, _ message: String) {
        guard level >= minimum else { return }
        output(prefix(level) + " " + printable(message) + "\n")
    }

    private func prefix(_ level: Level) -> String {
        let text = level.rawValue + ":"
        guard terminal.hasColor else { return text }
        switch level {
        case .detail: return "\u{1b}[2m\(text)\u{1b}[0m"
        case .info: return "\u{1b}[36m\(text)\u{1b}[0m"
        case .warning: return "\u{1b}[33m\(text)\u{1b}[0m"
        case .error: return "\u{1b}[1;31m\(text)\u{1b}[0m"
        }
    }
}
