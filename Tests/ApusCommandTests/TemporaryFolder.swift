import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder for the files of a test, removed with all in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-command-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ApusError(.io, problem: "no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { removeTree(path) }

    /// Writes a file and returns its path.
    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try writeFileAtomically(path: "\(path)/\(name)", bytes: bytes)
        return "\(path)/\(name)"
    }
}

/// The names in a folder, sorted; nil when there is no such folder.
func names(in folder: String) -> [String]? {
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
func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        unlink(path)
        return
    }
    for name in names(in: path) ?? [] { removeTree("\(path)/\(name)") }
    rmdir(path)
}
