import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes an event file that TensorBoard shows: curves, histograms, pictures and texts by step.
///
/// The file is a sequence of records, each a length, data and checksums of both (TensorFlow's TFRecord); the data are
/// messages of Protocol Buffers. Every writer has a file of its own, `events.out.tfevents.SECONDS.apus`; TensorBoard
/// joins the files of a folder in the order of their names.
public struct TensorBoardWriter: Sendable {
    /// Something to be shown under a name at a step.
    public struct Value: Sendable, Equatable {
        /// The name; what stands before the first `/` makes a group.
        public let tag: String
        let content: Content

        enum Content: Sendable, Equatable {
            case scalar(Double)
            case histogram(TensorBoardHistogram)
            case image(png: [UInt8], width: Int, height: Int, description: String)
            case text(String)
        }

        /// A point of a curve, rounded to float32, which is what the format holds.
        public static func scalar(_ tag: String, _ number: Double) -> Value {
            Value(tag: tag, content: .scalar(number))
        }

        /// A distribution.
        public static func histogram(_ tag: String, _ histogram: TensorBoardHistogram) -> Value {
            Value(tag: tag, content: .histogram(histogram))
        }

        /// A picture of so many pixels as a PNG file, and what it shows, in Markdown.
        public static func image(
            _ tag: String, png: [UInt8], width: Int, height: Int, description: String
        ) -> Value {
            Value(tag: tag, content: .image(png: png, width: width, height: height, description: description))
        }

        /// A text in Markdown.
        public static func text(_ tag: String, _ text: String) -> Value {
            Value(tag: tag, content: .text(text))
        }
    }

    /// The path of the event file.
    public let path: String
    private let clock: @Sendable () -> Double

    /// Starts a new file in a folder that exists.
    ///
    /// - Parameters:
    ///   - firstStep: The step that begins; TensorBoard forgets what earlier files of the folder say about it and
    ///     later steps. 0 for a new run.
    ///   - clock: Seconds since 1970.
    /// - Throws: ``ApusError`` when the file cannot be written.
    public init(folder: String, firstStep: Int = 0, clock: @escaping @Sendable () -> Double = secondsSince1970) throws {
        self.clock = clock
        path = try Self.newFile(in: folder, seconds: Int(saturating: clock()))
        try append(step: 0, .fileVersion)
        try append(step: firstStep, .start)
    }

    /// Adds what belongs to a step.
    ///
    /// - Throws: ``ApusError`` when the file cannot be written.
    public func append(step: Int, _ values: [Value]) throws {
        try append(step: step, .summary(values))
    }

    private func append(step: Int, _ content: TensorBoardEvent.Content) throws {
        try appendToFile(path: path, bytes: TensorBoardEvent(time: clock(), step: step, content: content).record)
    }

    /// Creates an empty file; where its name is taken, that of the next free second follows in the order of names.
    private static func newFile(in folder: String, seconds: Int) throws -> String {
        let path = "\(folder)/events.out.tfevents.\(seconds).apus"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor < 0 else {
            close(descriptor)
            return path
        }
        let code = errno
        guard code == EEXIST || code == EINTR else { throw writingError(path: path, code: code) }
        return try newFile(in: folder, seconds: code == EEXIST ? seconds + 1 : seconds)
    }
}

/// The time of day of the system.
public func secondsSince1970() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
