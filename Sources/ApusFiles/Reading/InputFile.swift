#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that is read at any place, without being taken into memory.
package final class InputFile: Sendable {
    private enum Content: Sendable {
        case file(descriptor: Int32)
        case memory([UInt8])
    }

    /// The name for messages.
    package let path: String
    /// The size in bytes.
    package let count: Int
    private let content: Content

    /// Opens a file.
    ///
    /// - Throws: ``ApusError`` of kind `missingInput` or `io`.
    package init(path: String) throws {
        let descriptor = try openForReading(path)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw readingError(path: path, code: code)
        }
        self.path = path
        count = Int(status.st_size)
        content = .file(descriptor: descriptor)
    }

    /// Treats bytes in memory as a file.
    package init(bytes: [UInt8], path: String) {
        self.path = path
        count = bytes.count
        content = .memory(bytes)
    }

    deinit {
        if case .file(let descriptor) = content { close(descriptor) }
    }

    /// The bytes of a range, fewer where the file ends.
    package func bytes(_ range: Range<Int>) throws -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        switch content {
        case .memory(let bytes): return Array(bytes[range])
        case .file:
            return try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
                filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
            }
        }
    }

    /// Reads bytes from a place on until the buffer is full or the file ends, and returns their number.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        switch content {
        case .memory(let bytes):
            let part = bytes[min(offset, bytes.count)...].prefix(buffer.count)
            buffer.copyBytes(from: part)
            return part.count
        case .file(let descriptor):
            var filled = 0
            while filled < buffer.count {
                let received = pread(
                    descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
                if received == 0 { break }
                if received > 0 {
                    filled += received
                } else if errno != EINTR {
                    throw readingError(path: path, code: errno)
                }
            }
            return filled
        }
    }
}
