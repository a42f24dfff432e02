import ApusFiles

/// The arrays of an `.npz` file by name, stored or deflated.
///
/// Opening reads the table of contents only; an array is unpacked, and its checksum compared, when it is asked for.
/// So an array that cannot be read, such as one of Python objects, does no harm unless it is needed.
public struct NumpyArchive: Sendable {
    private let zip: ZipArchive

    /// Opens a file; one that is compressed as a whole is taken into memory.
    ///
    /// - Throws: ``ApusError`` when the file cannot be read, is truncated, or is no zip archive.
    public static func read(_ path: String) throws -> NumpyArchive {
        NumpyArchive(zip: try ZipArchive(try InputFile(decompressing: path)))
    }

    /// Opens the bytes of a file whose name is used in messages.
    ///
    /// - Throws: ``ApusError`` when they are truncated or no zip archive.
    public init(bytes: [UInt8], file: String) throws {
        zip = try ZipArchive(InputFile(bytes: bytes, path: file))
    }

    private init(zip: ZipArchive) {
        self.zip = zip
    }

    /// The names of the arrays in the order of the file.
    public var names: [String] {
        zip.entries.filter { $0.name.hasSuffix(".npy") }.map { String($0.name.dropLast(4)) }
    }

    /// The array with this name, as a whole.
    ///
    /// - Throws: ``ApusError`` when there is none, or when it is truncated, damaged or not supported.
    public subscript(name: String) -> NumpyArray {
        get throws { try rows(of: name).all() }
    }

    /// The array with this name, to be read row by row.
    ///
    /// - Throws: ``ApusError`` when there is none, or when it is truncated, damaged or not supported.
    public func rows(of name: String) throws -> NumpyRows {
        guard let entry = zip.entries.first(where: { $0.name == name + ".npy" }) else {
            throw ApusError(
                .data, file: zip.file, place: "array \(quoted(name))", problem: "there is no such array",
                remedy: "the file has \(names.joined(separator: ", "))")
        }
        let stream = try zip.stream(of: entry, place: "array \(quoted(name))")
        return try NumpyRows(stream, byteCount: entry.size, file: zip.file, name: name)
    }
}
