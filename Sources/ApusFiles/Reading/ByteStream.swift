#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Bytes that come one after the other: those of a file, or what a compressed file expands to.
package protocol ByteStream: AnyObject {
    /// Fills a part of the buffer from its start and returns the number of bytes, which is 0 at the end only.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// The bytes of a file, which may be a pipe.
package final class FileStream: ByteStream {
    private let descriptor: Int32
    private let path: String
    private var pending: [UInt8] = []

    package init(path: String) throws {
        descriptor = try openForReading(path)
        self.path = path
    }

    deinit { close(descriptor) }

    /// The next bytes, fewer at the end of the file, without taking them.
    package func peek(_ count: Int) throws -> [UInt8] {
        var block = [UInt8](repeating: 0, count: count)
        while pending.count < count {
            let received = try block.withUnsafeMutableBytes { try receive(into: $0) }
            if received == 0 { break }
            pending += block[..<received]
        }
        return Array(pending.prefix(count))
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard pending.isEmpty else {
            let count = min(pending.count, buffer.count)
            buffer.copyBytes(from: pending[..<count])
            pending.removeFirst(count)
            return count
        }
        return try receive(into: buffer)
    }

    private func receive(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        #if canImport(Glibc)
        let receive = Glibc.read
        #else
        let receive = Darwin.read
        #endif
        while true {
            let received = receive(descriptor, buffer.baseAddress, buffer.count)
            if received >= 0 { return received }
            guard errno == EINTR else { throw readingError(path: path, code: errno) }
        }
    }
}

/// Bytes in memory.
package final class MemoryStream: ByteStream {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<(position + count)])
        position += count
        return count
    }
}

extension ByteStream {
    /// Reads until the buffer is full or the stream ends, and returns the number of bytes.
    package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// The next bytes, fewer at the end.
    package func bytes(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try fill(UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

/// The first bytes of a file.
///
/// - Throws: ``ApusError`` of kind `missingInput` or `io`.
public func firstBytes(of path: String, count: Int) throws -> [UInt8] {
    try FileStream(path: path).bytes(count)
}
