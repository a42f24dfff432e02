#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that is written aside, in the folder in which it will stand, and gets its name when it is complete.
///
/// This is how everything is written: after any interruption the path holds either the old content or the new, never a
/// part. The permissions of a file that is replaced are kept, and a symbolic link stays a link. What is abandoned by an
/// error is removed with the object, what is abandoned by a signal by ``removeUnfinishedFilesOnSignals()``.
public final class PendingFile {
    /// The file as the user named it.
    public let path: String
    /// Where the bytes go until the file is complete; libraries that open files by name write there.
    public let temporary: String
    /// The open file.
    let descriptor: Int32
    private let target: String
    private let slot: Int?
    private var isUnfinished = true

    /// Starts an empty file.
    ///
    /// - Throws: ``ApusError`` of kind `io` with the operating system's text.
    public init(_ path: String) throws {
        self.path = path
        let mode: mode_t?
        (target, mode) = try destination(path: path)
        (descriptor, temporary, slot) = try temporaryFile(in: folderName(of: target), path: path)
        // A deinitialiser runs only for an object that is complete, which it is from here on.
        if let mode, fchmod(descriptor, mode) != 0 { throw writingError(path: path, code: errno) }
    }

    deinit {
        close(descriptor)
        if isUnfinished { unlink(temporary) }
        UnfinishedFiles.remove(slot)
    }

    /// Brings the bytes to the disk and gives the file its name.
    ///
    /// - Throws: ``ApusError`` of kind `io` with the operating system's text; the path is then as it was.
    public func commit() throws {
        guard fsync(descriptor) == 0 else { throw writingError(path: path, code: errno) }
        guard rename(temporary, target) == 0 else { throw writingError(path: path, code: errno) }
        isUnfinished = false
        try synchronize(folder: folderName(of: target), path: path)
    }
}
