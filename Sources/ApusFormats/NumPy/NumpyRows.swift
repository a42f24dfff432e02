import ApusFiles

/// The array of a NumPy file, read some rows at a time: a row is what the first index selects.
public final class NumpyRows {
    /// The extents, slowest first; empty for a scalar.
    public var shape: [Int] { header.shape }
    /// The element type.
    public var elementType: NumpyArray.ElementType { header.elementType }

    private let header: NumpyHeader
    private let stream: any ByteStream
    private let file: String
    private let name: String?
    private var position = 0
    /// In the memory order of Fortran a row is spread over the whole array, which then has to be read at once.
    private var whole: NumpyArray?

    /// Opens a `.npy` file.
    ///
    /// - Throws: ``ApusError`` as ``NumpyArray/read(_:)``.
    public convenience init(path: String) throws {
        let input = try InputFile(path: path)
        try self.init(FileStream(path: path), byteCount: input.count, file: path, name: nil)
    }

    init(_ stream: any ByteStream, byteCount total: Int, file: String, name: String?) throws {
        (self.stream, self.file, self.name) = (stream, file, name)
        func failure(_ problem: String, remedy: String? = "the file is damaged or truncated") -> ApusError {
            let place = name.map { "array \(quoted($0))" }
            return ApusError(.data, file: file, place: place, problem: problem, remedy: remedy)
        }
        var start = try stream.bytes(10)
        guard start.starts(with: [0x93] + Array("NUMPY".utf8)) else {
            throw failure("the data do not start as a NumPy array does", remedy: nil)
        }
        guard start.count == 10, total >= 12 else { throw failure("the header is incomplete") }
        guard (1...3).contains(start[6]) else {
            throw failure("the format version \(start[6]) is unknown", remedy: "save it with numpy.save")
        }
        if start[6] > 1 { start += try stream.bytes(2) }
        let length = start[8...].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard start.count + length <= total, case let text = try stream.bytes(length), text.count == length else {
            throw failure("the header is incomplete")
        }
        do throws(NumpyHeader.Failure) {
            header = try NumpyHeader(text[...])
        } catch {
            throw failure(error.problem, remedy: error.remedy)
        }
        let present = total - start.count - length
        guard let announced = ApusFiles.byteCount(shape: header.shape, width: header.elementType.width) else {
            throw failure("the shape \(header.shape) is too large")
        }
        guard present == announced else {
            throw failure("the shape \(header.shape) needs \(announced) bytes, but \(present) are there")
        }
    }

    /// The bytes of one row.
    public var rowBytes: Int { header.shape.dropFirst().reduce(header.elementType.width, *) }

    /// The next rows, at most `count`; an array without rows at the end.
    ///
    /// - Throws: ``ApusError`` when the data are truncated or damaged.
    public func next(_ count: Int) throws -> NumpyArray {
        let rows = min(count, (shape.first ?? 1) - position)
        var part = header.shape
        if !part.isEmpty { part[0] = rows }
        let start = position * rowBytes
        position += rows
        guard !header.fortranOrder || shape.count < 2 else {
            let array = try whole ?? all()
            whole = array
            let bytes = Array(array.bytes[start..<(position * rowBytes)])
            return NumpyArray(shape: part, elementType: elementType, bytes: bytes, file: file, name: name)
        }
        let array = try read(part)
        if position == shape.first ?? 1 { try finish() }
        return array
    }

    /// The whole array.
    ///
    /// - Throws: ``ApusError`` when the data are truncated or damaged.
    public func all() throws -> NumpyArray {
        let array = try read(shape)
        try finish()
        return array
    }

    /// Reads beyond the last byte, where an archive compares the checksum.
    private func finish() throws {
        _ = try stream.bytes(1)
    }

    private func read(_ shape: [Int]) throws -> NumpyArray {
        let wanted = ApusFiles.byteCount(shape: shape, width: elementType.width) ?? 0
        // Taken in blocks, because memory must not be reserved for what a damaged file only announces.
        var elements: [UInt8] = []
        while elements.count < wanted {
            let block = try stream.bytes(min(wanted - elements.count, 1 << 22))
            if block.isEmpty { break }
            if elements.isEmpty { elements = block } else { elements += block }
        }
        guard elements.count == wanted else {
            throw ApusError(
                .data, file: file, place: name.map { "array \(quoted($0))" },
                problem: "\(wanted) bytes are announced, but only \(elements.count) are there",
                remedy: "the file is damaged or truncated")
        }
        return NumpyArray(header, shape: shape, elements: elements, file: file, name: name)
    }
}
