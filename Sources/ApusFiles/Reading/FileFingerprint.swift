#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What tells whether a file is still the same: its content's digest, and what the system says about it.
public struct FileFingerprint: Sendable, Equatable {
    /// What the system says: if it is unchanged, nobody wrote to the file.
    public struct Status: Sendable, Equatable {
        /// The size in bytes.
        public let size: Int
        /// The numbers of device and file, and the times of the last change of content and of status in nanoseconds.
        public let stamps: [Int]

        /// Asks the system.
        ///
        /// - Throws: ``ApusError`` of kind `missingInput`.
        public init(of path: String) throws {
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw ApusError(.missingInput, file: path, problem: "there is no such file", remedy: "check the path")
            }
            #if canImport(Glibc)
            let times = [status.st_mtim, status.st_ctim]
            #else
            let times = [status.st_mtimespec, status.st_ctimespec]
            #endif
            size = Int(status.st_size)
            stamps =
                [Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino)]
                + times.map { Int($0.tv_sec) * 1_000_000_000 + Int($0.tv_nsec) }
        }

        /// Takes up what was noted before.
        public init(size: Int, stamps: [Int]) {
            (self.size, self.stamps) = (size, stamps)
        }
    }

    /// The file.
    public let path: String
    /// What the system says.
    public let status: Status
    /// The SHA-256 digest of the content, in hexadecimal digits.
    public let digest: String

    /// Reads the whole file.
    ///
    /// - Throws: ``ApusError`` when it cannot be read, or changes meanwhile.
    public init(of path: String) throws {
        self.path = path
        status = try Status(of: path)
        var sha = SHA256()
        let stream = try FileStream(path: path)
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = try block.withUnsafeMutableBytes({ try stream.read(into: $0) }), count > 0 {
            block.withUnsafeBytes { sha.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        digest = sha.hexadecimal()
        guard try Status(of: path) == status else { throw Self.changed(path) }
    }

    /// Takes up what was noted before.
    public init(path: String, status: Status, digest: String) {
        (self.path, self.status, self.digest) = (path, status, digest)
    }

    /// Makes sure that the system still says the same.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func requireUnchanged() throws {
        guard try Status(of: path) == status else { throw Self.changed(path) }
    }

    private static func changed(_ path: String) -> ApusError {
        ApusError(
            .io, file: path, problem: "the file changed while it was read", remedy: "wait until it is complete")
    }
}

/// The MD5 digest of a file, in 32 hexadecimal digits.
///
/// - Throws: ``ApusError`` when it cannot be read.
public func md5(of path: String) throws -> String {
    var digest = MD5()
    let stream = try FileStream(path: path)
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = try block.withUnsafeMutableBytes({ try stream.read(into: $0) }), count > 0 {
        block.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    return digest.hexadecimal()
}
