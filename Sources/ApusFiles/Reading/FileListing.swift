#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Whether a path is a folder.
public func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether there is a file or folder at a path.
public func fileExists(_ path: String) -> Bool {
    access(path, F_OK) == 0
}

/// The names in a folder, sorted, without those that start with a point.
///
/// - Throws: ``ApusError`` of kind `missingInput`.
public func namesInFolder(_ path: String) throws -> [String] {
    guard let folder = opendir(path) else {
        throw ApusError(.missingInput, file: path, problem: "the folder cannot be opened", remedy: "check the path")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Removes a folder if it is empty.
public func removeEmptyFolder(_ path: String) { _ = rmdir(path) }

/// The path from the root, with links resolved; the path itself where there is nothing.
public func absolutePath(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
}
