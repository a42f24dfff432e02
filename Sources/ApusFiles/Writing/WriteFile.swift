#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes a file so that after any interruption the path holds either the old content or the new, never a part.
///
/// - Throws: ``ApusError`` of kind `io` with the operating system's text; nothing is left behind then.
public func writeFileAtomically(path: String, bytes: [UInt8]) throws {
    try writeFileAtomically(path: path) { try write(bytes, to: $0, path: path) }
}

/// Writes a file as ``writeFileAtomically(path:bytes:)`` does, by a function that is given the open file.
package func writeFileAtomically(path: String, _ body: (Int32) throws -> Void) throws {
    let file = try PendingFile(path)
    try body(file.descriptor)
    try file.commit()
}

/// Writes all bytes to an open file.
package func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    try bytes.withUnsafeBytes { try write($0, to: descriptor, path: path) }
}

/// Writes all bytes to an open file.
package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
    var written = 0
    while written < bytes.count {
        let sent = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if sent >= 0 {
            written += sent
        } else if errno != EINTR {
            let code = errno
            if code == EPIPE, descriptor == STDOUT_FILENO { endByBrokenPipe() }
            throw writingError(path: path, code: code)
        }
    }
}

/// Ends the program as it ends others whose reader, such as `head`, has seen enough.
public func endByBrokenPipe() {
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
}

/// The folder of a path, with a slash at its end.
package func folderName(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
}

/// The path to rename to, with links resolved, and the permissions of the file that stands there.
func destination(path: String) throws -> (path: String, mode: mode_t?) {
    var status = stat()
    guard stat(path, &status) == 0 else {
        guard errno == ENOENT else { throw writingError(path: path, code: errno) }
        return (path, nil)
    }
    // A rename would replace a device such as /dev/null by an ordinary file.
    guard status.st_mode & S_IFMT == S_IFREG else {
        throw ApusError(.io, file: path, problem: "this is not an ordinary file", remedy: "name another path")
    }
    guard let resolved = realpath(path, nil) else { throw writingError(path: path, code: errno) }
    defer { free(resolved) }
    return (String(cString: resolved), status.st_mode & 0o7777)
}

/// Creates an empty file with a name of its own, which is among the unfinished files before it is there: no signal comes
/// between.
func temporaryFile(in folder: String, path: String) throws -> (descriptor: Int32, path: String, slot: Int?) {
    while true {
        let name = folder + ".apus-" + String(UInt64.random(in: 0 ... .max), radix: 36) + ".tmp"
        let slot = UnfinishedFiles.add(name)
        let descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor >= 0 { return (descriptor, name, slot) }
        let code = errno
        UnfinishedFiles.remove(slot)
        guard code == EEXIST || code == EINTR else { throw writingError(path: path, code: code) }
    }
}

/// Removes temporary files that were left behind when the program was killed while writing.
///
/// - Throws: ``ApusError`` of kind `missingInput` when the folder cannot be opened.
public func removeTemporaryFiles(in path: String) throws {
    guard let folder = opendir(path) else {
        throw ApusError(.missingInput, file: path, problem: "the folder cannot be opened", remedy: "check the path")
    }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name.hasPrefix(".apus-"), name.hasSuffix(".tmp") { unlink(path + "/" + name) }
    }
}

/// Removes a file.
///
/// - Throws: ``ApusError`` of kind `io` with the operating system's text.
public func removeFile(_ path: String) throws {
    guard unlink(path) == 0 else { throw writingError(path: path, code: errno) }
}

/// Makes the new directory entry survive a power failure.
func synchronize(folder: String, path: String) throws {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    // A folder that may be written to but not listed cannot be opened; the file itself is safe.
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // Some network file systems cannot sync folders and say so with EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw writingError(path: path, code: errno) }
}

package func writingError(path: String, code: Int32) -> ApusError {
    let remedy: String? =
        switch code {
        case ENOENT, ENOTDIR: "create the folder first"
        case EACCES, EPERM, EROFS: "choose a folder that you may write to"
        case ENOSPC, EDQUOT, EFBIG: "free some space, or choose another folder"
        default: nil
        }
    return ApusError(.io, file: path, problem: "the file cannot be written (\(systemText(code)))", remedy: remedy)
}
