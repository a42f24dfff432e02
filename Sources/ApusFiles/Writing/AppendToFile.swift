#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Adds bytes to the end of a file, which is opened for them alone, so that nothing is lost when the program is killed
/// and the file can be moved; where there is none it is created.
///
/// - Throws: ``ApusError`` of kind `io` with the operating system's text.
public func appendToFile(path: String, bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw writingError(path: path, code: errno) }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    do {
        try write(bytes, to: descriptor, path: path)
    } catch {
        // What is appended later must not follow half a record.
        if size >= 0 { _ = ftruncate(descriptor, size) }
        throw error
    }
}
