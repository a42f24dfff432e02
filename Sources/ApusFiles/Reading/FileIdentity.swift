#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The numbers of device and file: equal for all names of one file, whether by links, `./`, or upper and lower case.
public struct FileIdentity: Hashable, Sendable {
    private let device: Int
    private let number: Int

    /// Asks the system; nil where there is nothing.
    public init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        device = Int(truncatingIfNeeded: status.st_dev)
        number = Int(truncatingIfNeeded: status.st_ino)
    }
}

/// Makes sure that no output is an input, under whatever name, nor would lie within an input folder.
///
/// - Parameters:
///   - outputs: Files that will be written; those that do not exist yet are different from all others.
///   - inputs: Files, or folders of files, that are read.
///   - place: What named the outputs, for messages; the outputs themselves unless given.
///   - remedy: What the user can do.
/// - Throws: ``ApusError`` of kind `usage` that names both.
public func requireDistinct(
    _ outputs: [String], from inputs: [String], place: String? = nil, remedy: String = "name another file"
) throws {
    for output in outputs {
        let folder = absolutePath(folderName(of: output))
        let identity = FileIdentity(output)
        for input in inputs {
            func failure(_ problem: String) -> ApusError {
                ApusError(.usage, place: place ?? output, problem: problem, remedy: remedy)
            }
            if isFolder(input), "\(folder)/".hasPrefix(absolutePath(input) + "/") {
                throw failure("the file would be written into the folder \(input), which is read")
            }
            guard let identity, let same = try files(of: input).first(where: { FileIdentity($0) == identity }) else {
                continue
            }
            let isNamed = place.map { $0.hasSuffix(" " + same) } ?? (same == output)
            let name = isNamed ? "" : " \(same)"
            throw failure("this is the input\(name), which would be lost")
        }
    }
}

/// The file, or all files below a folder.
public func files(of path: String, depth: Int = 0) throws -> [String] {
    guard isFolder(path) else { return [path] }
    guard depth < 10 else { return [] }
    return try namesInFolder(path).flatMap { try files(of: "\(path)/\($0)", depth: depth + 1) }
}
