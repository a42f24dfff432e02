import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The path of an input file, kept as the user wrote it.
package struct InputPath: Sendable, Equatable {
    /// The path as written.
    package let text: String
    /// The folder where a relative path begins: that of the configuration file, or the current one when empty.
    package let folder: String

    /// A path as it is written in a configuration.
    package init(text: String, folder: String) { (self.text, self.folder) = (text, folder) }

    /// The path to open the file.
    package var path: String { text.hasPrefix("/") ? text : joined(folder, text) }

    /// The same file for a configuration in another folder: a relative path leads there from that folder.
    ///
    /// - Throws: `ApusError` when one of the folders cannot be found.
    func seen(from newFolder: String) throws -> InputPath {
        guard !text.hasPrefix("/") else { return InputPath(text: text, folder: newFolder) }
        return InputPath(text: try relativePath(of: path, from: newFolder), folder: newFolder)
    }
}

/// The way from a folder to a file.
///
/// - Throws: `ApusError` when one of the folders cannot be found.
package func relativePath(of path: String, from folder: String) throws -> String {
    let name = path.split(separator: "/").last ?? ""
    // Without symbolic links, beyond which ".." would lead elsewhere.
    let start = try resolved(folder).split(separator: "/")
    let end = try resolved(String(path.dropLast(name.count))).split(separator: "/") + [name]
    let shared = zip(start, end).prefix { $0 == $1 }.count
    return ([Substring](repeating: "..", count: start.count - shared) + end[shared...]).joined(separator: "/")
}

extension ValueKind where Value == InputPath {
    /// The path of an input file.
    static var inputPath: ValueKind {
        ValueKind(
            expected: "a path in quotes",
            decode: { value, folder throws(ValueMismatch) in
                guard case .text(let path) = value, !path.isEmpty else { throw ValueMismatch() }
                return InputPath(text: path, folder: folder)
            },
            encode: { .text($0.text) })
    }
}

private func joined(_ folder: String, _ path: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + path : folder + "/" + path
}

/// The absolute path of a folder, free of symbolic links.
private func resolved(_ folder: String) throws -> String {
    guard let path = realpath(folder.isEmpty ? "." : folder, nil) else {
        throw ApusError(
            .io, file: folder, problem: "the folder cannot be found (\(String(cString: strerror(errno))))",
            remedy: "check the path")
    }
    defer { free(path) }
    return String(cString: path)
}
