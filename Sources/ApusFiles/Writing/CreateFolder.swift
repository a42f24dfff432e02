#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Creates a folder and those above it, unless they exist.
///
/// - Throws: ``ApusError`` of kind `io` that names the folder that cannot be made or written to.
public func createFolder(_ path: String) throws {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        made += made.isEmpty || made == "/" ? String(part) : "/" + part
        guard mkdir(made, 0o777) != 0, errno != EEXIST else { continue }
        throw folderError(made)
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw folderError(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        throw ApusError(
            .io, file: path, problem: "the path is a file where a folder is needed", remedy: "choose another folder")
    }
    guard access(path, W_OK) == 0 else { throw folderError(path) }
}

private func folderError(_ path: String) -> ApusError {
    ApusError(
        .io, file: path, problem: "the folder cannot be written (\(String(cString: strerror(errno))))",
        remedy: "choose another folder or change its permissions")
}
