#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension ValueKind where Value == String {
    /// The path of an input file, made absolute, so that the configuration can move to the run folder.
    static var inputPath: ValueKind {
        ValueKind(
            expected: "a path in quotes",
            decode: { value, folder throws(ValueMismatch) in
                guard case .text(let path) = value, !path.isEmpty else { throw ValueMismatch() }
                return absolutePath(path, in: folder)
            },
            encode: { .text($0) })
    }
}

/// Joins a path to a folder, which itself is relative to the current directory.
func absolutePath(_ path: String, in folder: String) -> String {
    if path.hasPrefix("/") { return path }
    let joined = folder.isEmpty || folder.hasSuffix("/") ? folder + path : folder + "/" + path
    if joined.hasPrefix("/") { return joined }
    guard let directory = getcwd(nil, 0) else { return joined }
    defer { free(directory) }
    return String(cString: directory) + "/" + joined
}
