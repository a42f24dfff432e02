import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder for the files of a test, removed with all in it.
package final class TemporaryFolder: Sendable {
    /// The path of the folder.
    package let path: String

    /// Makes a new folder.
    package init() throws {
        var template = Array("/tmp/apus-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ApusError(.io, problem: "no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { removeTree(path) }

    /// The path of a file in the folder.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    package func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    /// Writes a file and returns its path.
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        try writeFileAtomically(path: file(name), bytes: bytes)
        return file(name)
    }
}

/// Calls `body` with the path of a new folder, which is removed afterwards with all in it.
package func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) { try body(folder.path) }
}

/// The names in a folder, sorted, hidden ones included; nil when there is no such folder.
package func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Removes a file or a folder with all in it.
package func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        unlink(path)
        return
    }
    removeContents(of: path)
    rmdir(path)
}

/// Removes everything in a folder.
package func removeContents(of folder: String) {
    for name in names(in: folder) ?? [] { removeTree("\(folder)/\(name)") }
}
