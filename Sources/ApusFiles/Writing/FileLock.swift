#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An exclusive lock between processes, held until the object goes; the system frees it if the process is killed.
///
/// On NFS, Linux turns it into a lock of the server, which then holds between machines too.
public final class FileLock {
    private let descriptor: Int32
    /// Whether the lock is held; false where the file system has no locks.
    public let isHeld: Bool

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
        isHeld = true
    }

    /// Takes the lock of a path and writes this process into the file, or fails when another process holds it.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public init?(attempting path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw writingError(path: path, code: errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            isHeld = true
            // Only a message needs it, so a full disk does not matter.
            let text = Array("process \(getpid()) on \(Self.hostName)".utf8)
            if ftruncate(descriptor, 0) == 0 { _ = write(descriptor, text, text.count) }
        } else {
            guard errno != EWOULDBLOCK else {
                close(descriptor)
                return nil
            }
            isHeld = false
        }
    }

    deinit {
        // A process that is being started has a copy of the descriptor for a moment: closing ours would not free the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Who wrote the file of a lock last, such as `process 4711 on node12`; nil where nobody did.
    public static func owner(of path: String) -> String? {
        let text = (try? readFile(path: path)).map { String(decoding: $0, as: UTF8.self) }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static var hostName: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard gethostname(buffer.baseAddress!, buffer.count - 1) == 0 else { return "an unknown machine" }
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
