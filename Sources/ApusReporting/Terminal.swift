#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the output of a stream may contain: colours, lines drawn anew, lines of a certain width.
///
/// `NO_COLOR` (not empty) turns colours off, otherwise `CLICOLOR_FORCE` (neither empty nor 0) turns them on; without
/// either, terminals get colours unless `TERM` is unset or `dumb`.
public struct Terminal: Sendable, Equatable {
    /// Whether text may be coloured.
    public let hasColor: Bool
    /// Whether a line may be drawn anew in place.
    public let canRedraw: Bool
    /// The number of characters in a line.
    public let width: Int

    /// Decides from the environment and the kind of stream.
    public init(environment: [String: String], isTerminal: Bool, width: Int? = nil) {
        func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
        let isCapable = isTerminal && isSet("TERM") && environment["TERM"] != "dumb"
        let isForced = isSet("CLICOLOR_FORCE") && environment["CLICOLOR_FORCE"] != "0"
        hasColor = !isSet("NO_COLOR") && (isForced || isCapable)
        canRedraw = isCapable
        // Terminals of unknown size report zero columns.
        self.width = width.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }

    /// The terminal, file or pipe that standard error goes to.
    public static var standardError: Terminal {
        var size = winsize()
        let hasSize = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
        var environment: [String: String] = [:]
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "TERM"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return Terminal(
            environment: environment, isTerminal: isatty(STDERR_FILENO) == 1,
            width: hasSize ? Int(size.ws_col) : nil)
    }
}

/// Writes text to standard error, which is not buffered.
public func writeToStandardError(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        // When nobody reads standard error any more, the run goes on in silence.
        guard written > 0 || (written < 0 && errno == EINTR) else { return }
        bytes = bytes.dropFirst(max(0, written))
    }
}
