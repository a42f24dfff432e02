import ApusFiles

/// A file in ASE's ULM format, as trajectories (`.traj`) are: items of JSON, and arrays beside them.
///
/// `- of Ulm` and a tag of 16 bytes are followed by three integers of 64 bits, little endian: the version, the number of
/// items, and where the table of their offsets is. At an offset stands the length of a text, then the text, JSON.
/// A member whose name ends with a point is an object with such members, or an array
/// `{"ndarray": [shape, type, offset]}`.
/// Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017), doi:10.1088/1361-648X/aa680e.
public final class ULMFile {
    /// What wrote the file, such as `ASE-Trajectory`.
    public let tag: String
    /// The number of items.
    public let count: Int
    private let input: InputFile
    private let table: Int
    /// No byte belongs to two items, so what is read in all is at most the file.
    private var taken = 0

    /// Whether a file starts like this.
    public static func isULM(_ start: [UInt8]) -> Bool { start.starts(with: "- of Ulm".utf8) }

    /// Opens a file; one that is compressed is taken into memory.
    ///
    /// - Throws: ``ApusError`` when it cannot be read or its table is not in the file.
    public convenience init(path: String) throws { try self.init(InputFile(decompressing: path)) }

    init(_ input: InputFile) throws {
        self.input = input
        let head = try input.bytes(0..<48)
        guard head.count == 48, Self.isULM(head) else {
            throw Self.failure(input, nil, "the file is too short for a header")
        }
        tag = String(decoding: head[8..<24].prefix { $0 != 0 }, as: UTF8.self).split(separator: " ").joined(
            separator: " ")
        let (items, table) = (Self.integer(head[32..<40]), Self.integer(head[40..<48]))
        guard items >= 0, table >= 48, table <= input.count, items <= (input.count - table) / 8 else {
            throw Self.failure(
                input, nil, "it announces \(items) items with a table at byte \(table) of \(input.count)")
        }
        (count, self.table) = (items, table)
    }

    /// An item, to be read once.
    ///
    /// - Throws: ``ApusError`` when it reaches beyond the file, overlaps another or is no JSON.
    public func item(_ index: Int) throws -> JSONValue {
        let place = "item \(index + 1)"
        func failure(_ problem: String) -> ApusError { Self.failure(input, place, problem) }
        let entry = try input.bytes((table + 8 * index)..<(table + 8 * index + 8))
        guard entry.count == 8, case let offset = Self.integer(entry), offset >= 0, offset <= input.count - 8 else {
            throw failure("it stands outside of the file")
        }
        let length = Self.integer(try input.bytes(offset..<(offset + 8)))
        guard length >= 0, length <= input.count - offset - 8 else {
            throw failure("its \(length) bytes reach beyond the end of the file")
        }
        try take(length + 8, place)
        do {
            let value = try JSONValue(parsing: try input.bytes((offset + 8)..<(offset + 8 + length)))
            if value["_little_endian"] == .logical(false) {
                throw ApusError(
                    .data, file: input.path, place: place, problem: "its numbers are big endian",
                    remedy: "read it with ASE where it was written and write it as extended XYZ")
            }
            return value
        } catch let error as JSONValue.SyntaxError {
            throw failure("it is no JSON: \(error)")
        }
    }

    /// The array that a member of an item describes, or the numbers that it is; nil for anything else.
    ///
    /// - Throws: ``ApusError`` when it reaches beyond the file or overlaps another.
    public func array(_ value: JSONValue, name: String, item index: Int) throws -> ASEData.Array? {
        let place = "item \(index + 1)"
        guard let parts = value["ndarray"]?.array else {
            do { return try ASEData.array(value, key: name) } catch { throw Self.failure(input, place, error.problem) }
        }
        guard parts.count == 3, let shape = ASEData.shape(parts[0]), let type = parts[1].string,
            let offset = parts[2].integer
        else { throw Self.failure(input, place, "\(quoted(name)) is no sound array") }
        // Arrays of texts or complex numbers are nothing to learn from.
        guard let width = ASEData.widths[type] else { return nil }
        guard offset >= 0, let size = byteCount(shape: shape, width: width), offset <= input.count,
            size <= input.count - offset
        else { throw Self.failure(input, place, "\(quoted(name)) of shape \(shape) reaches beyond the end") }
        try take(size, place)
        let bytes = try input.bytes(offset..<(offset + size))
        return ASEData.Array(shape: shape, values: ASEData.elements(bytes[...], type, width: width))
    }

    private func take(_ size: Int, _ place: String) throws {
        taken += size
        guard taken <= input.count else { throw Self.failure(input, place, "it overlaps other items") }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
        Int(bitPattern: bytes.reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) })
    }

    private static func integer(_ bytes: [UInt8]) -> Int { integer(bytes[...]) }

    private static func failure(_ input: InputFile, _ place: String?, _ problem: String) -> ApusError {
        ApusError(
            .data, file: input.path, place: place, problem: problem,
            remedy: "the file is damaged; copy or download it again")
    }
}
