import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The lines of a byte stream, of which only a part is in memory at a time.
struct LineReader {
    /// The part in memory; what ``next()`` returned last is a range of it.
    private(set) var bytes: [UInt8]
    /// The number of the last line, from 1.
    private(set) var line = 0
    private let stream: (any ByteStream)?
    private let file: String?
    private var position = 0
    private var end: Int
    private var isAtEnd: Bool

    /// Reads the lines of a stream; `file` is for messages.
    init(_ stream: any ByteStream, file: String? = nil, blockSize: Int = 1 << 20) {
        self.stream = stream
        self.file = file
        bytes = [UInt8](repeating: 0, count: blockSize)
        end = 0
        isAtEnd = false
    }

    /// Reads the lines of a text in memory.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        stream = nil
        file = nil
        end = bytes.count
        isAtEnd = true
    }

    /// The next line without white space at its ends; nil at the end.
    mutating func next() throws -> Range<Int>? {
        var searched = position
        var newline = newline(in: searched..<end)
        while newline == nil, !isAtEnd {
            searched -= position
            try refill()
            newline = self.newline(in: searched..<end)
        }
        guard position < end else { return nil }
        line += 1
        let range = position..<(newline ?? end)
        position = newline.map { $0 + 1 } ?? end
        return bytes.withUnsafeBufferPointer { bytes in
            var (start, end) = (range.lowerBound, range.upperBound)
            // A byte-order mark, which some editors put before UTF-8 and which means nothing.
            if line == 1, bytes[start..<end].starts(with: [0xef, 0xbb, 0xbf]) { start += 3 }
            while start < end, isSpace(bytes[start]) { start += 1 }
            while end > start, isSpace(bytes[end - 1]) { end -= 1 }
            return start..<end
        }
    }

    /// Moves what is left to the front and reads on; a line that fills the whole block doubles it.
    private mutating func refill() throws {
        guard let stream else { return }
        let rest = end - position
        if position == 0, rest == bytes.count {
            guard rest < ReadingLimits.line else {
                throw ApusError(
                    .data, file: file, place: "line \(line + 1)",
                    problem: "the line has more than \(ReadingLimits.line) bytes, which lines of data have not",
                    remedy: ReadingLimits.remedy)
            }
            bytes += [UInt8](repeating: 0, count: bytes.count)
        }
        let received = try bytes.withUnsafeMutableBytes { buffer in
            if rest > 0, position > 0 { memmove(buffer.baseAddress!, buffer.baseAddress! + position, rest) }
            return try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest...]))
        }
        position = 0
        end = rest + received
        isAtEnd = received == 0
    }

    private func newline(in range: Range<Int>) -> Int? {
        guard !range.isEmpty else { return nil }
        return bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress! + range.lowerBound
            return memchr(start, 0x0a, range.count).map { UnsafeRawPointer($0) - buffer.baseAddress! }
        }
    }
}
