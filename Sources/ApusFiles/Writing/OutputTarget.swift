#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where a result is written.
public enum OutputTarget: Sendable, Equatable {
    /// A file, which stands at its path when it is complete.
    case file(String)
    /// Standard output, as the bytes come.
    case standardOutput

    /// The name for messages.
    public var name: String {
        switch self {
        case .file(let path): path
        case .standardOutput: "standard output"
        }
    }

    /// Writes all bytes.
    ///
    /// - Throws: ``ApusError`` of kind `io` with the operating system's text.
    public func write(_ bytes: [UInt8]) throws { try write { try $0(bytes) } }

    /// Writes piece by piece, by a function that is given what writes a piece.
    ///
    /// - Throws: ``ApusError`` of kind `io` with the operating system's text, and what the function throws.
    public func write(_ body: (_ piece: ([UInt8]) throws -> Void) throws -> Void) throws {
        switch self {
        case .file(let path):
            try writeFileAtomically(path: path) { descriptor in
                try body { try ApusFiles.write($0, to: descriptor, path: path) }
            }
        case .standardOutput: try body { try ApusFiles.write($0, to: STDOUT_FILENO, path: name) }
        }
    }
}

/// What a command can write, for the check of an option such as `--output` before any work.
public struct OutputOption: Sendable {
    /// What is written, in words.
    public let content: String
    /// The ends that the name of the file may have, in lower case with their points.
    public let endings: [String]
    /// Whether `-` means standard output.
    public let isStream: Bool
    /// The option.
    public let option: String

    /// Describes what is written.
    public init(_ content: String, endings: [String], isStream: Bool = false, option: String = "--output") {
        (self.content, self.endings, self.isStream, self.option) = (content, endings, isStream, option)
    }

    /// Understands the value of the option and makes sure that it can be written, before anything is opened for it.
    ///
    /// The end of the name must fit what is written; the folder must be there and may be written to; what stands at the
    /// path must be an ordinary file that is not protected against writing and is none of the inputs.
    ///
    /// - Throws: ``ApusError`` that names the option, its value and what is possible.
    public func target(_ value: String, inputs: [String]) throws -> OutputTarget {
        let place = "\(option) \(value)"
        func failure(_ kind: ApusError.Kind, _ problem: String, _ remedy: String) -> ApusError {
            ApusError(kind, place: place, problem: problem, remedy: remedy)
        }
        let others = endings.dropLast().joined(separator: ", ")
        let choices = (others.isEmpty ? "" : others + " or ") + (endings.last ?? "")
        if value == "-" {
            if isStream { return .standardOutput }
            throw failure(
                .usage, "\(content) cannot be written to standard output", "name a file that ends in \(choices)")
        }
        var status = stat()
        if stat(value, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw failure(.io, "this is a folder", "name a file in it that ends in \(choices)")
            default:
                throw failure(
                    .io, "this is a device or a pipe, not an ordinary file",
                    isStream ? "name a file, or write '\(option) -' and redirect standard output" : "name a file")
            }
        }
        guard endings.contains(where: value.lowercased().hasSuffix) else {
            throw failure(
                .usage, "\(content) cannot be written to a file with this ending", "end the name in \(choices)")
        }
        let folder = folderName(of: value)
        guard stat(folder, &status) == 0 else {
            let code = errno
            throw failure(
                .io, "there is no folder \(folder) (\(systemText(code)))",
                code == ENOENT ? "create the folder first" : "choose another folder")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw failure(
                .io, "the folder \(folder) cannot be written to (\(systemText(errno)))",
                "choose a folder that you may write to")
        }
        guard !fileExists(value) || access(value, W_OK) == 0 else {
            throw failure(
                .io, "the file is there and protected against writing", "name another file, or 'chmod u+w' this one")
        }
        try requireDistinct([value], from: inputs, place: place)
        return .file(value)
    }
}
