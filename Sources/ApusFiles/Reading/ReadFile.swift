#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads a whole file into memory.
///
/// - Throws: ``ApusError`` of kind `missingInput` when the file does not exist, is a folder or may not be read,
///   and of kind `io` when reading fails half way.
public func readFile(path: String) throws -> [UInt8] {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw readingError(path: path, code: errno) }

    // The size is only a hint: pipes have none, and a file may grow while it is read.
    var bytes = try block(from: descriptor, path: path, capacity: Int(status.st_size))
    while true {
        let more = try block(from: descriptor, path: path, capacity: 1 << 16)
        if more.isEmpty { return bytes }
        bytes += more
    }
}

/// Opens a file that is no folder.
///
/// - Throws: ``ApusError`` of kind `missingInput` when the file does not exist, is a folder or may not be read.
package func openForReading(_ path: String) throws -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw openingError(path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return descriptor }
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFDIR: kind = "a folder"
    case S_IFCHR, S_IFBLK: kind = "a device, which may have no end"
    default: return descriptor
    }
    close(descriptor)
    throw ApusError(.missingInput, file: path, problem: "this is \(kind)", remedy: "name a file")
}

/// The text the operating system has for an error number.
package func systemText(_ code: Int32) -> String {
    String(cString: strerror(code))
}

/// Reads until `capacity` bytes are there or the file ends.
private func block(from descriptor: Int32, path: String, capacity: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        while count < capacity {
            let received = read(descriptor, buffer.baseAddress! + count, capacity - count)
            if received == 0 { return }
            if received > 0 {
                count += received
            } else if errno != EINTR {
                throw readingError(path: path, code: errno)
            }
        }
    }
}

private func openingError(path: String, code: Int32) -> ApusError {
    switch code {
    case ENOENT, ENOTDIR:
        ApusError(.missingInput, file: path, problem: "there is no such file", remedy: "check the path")
    case EACCES, EPERM:
        ApusError(
            .missingInput, file: path, problem: "the file may not be read (\(systemText(code)))",
            remedy: "change its permissions")
    default:
        ApusError(.io, file: path, problem: "the file cannot be opened (\(systemText(code)))")
    }
}

package func readingError(path: String, code: Int32) -> ApusError {
    ApusError(.io, file: path, problem: "reading failed (\(systemText(code)))")
}
