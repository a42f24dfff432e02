#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An exclusive lock between processes, held until the object goes; the system frees it if the process is killed.
public final class FileLock {
    private let descriptor: Int32

    /// Waits for the lock of a path, at which an empty file is made.
    ///
    /// - Parameter waiting: Called once when another process holds the lock.
    /// - Throws: ``ApusError`` of kind `io`.
    public init(_ path: String, waiting: () -> Void = {}) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw writingError(path: path, code: errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            waiting()
            while flock(descriptor, LOCK_EX) != 0 {
                guard errno == EINTR else {
                    let code = errno
                    close(descriptor)
                    throw writingError(path: path, code: code)
                }
            }
        }
    }

    deinit { close(descriptor) }
}
