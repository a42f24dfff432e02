import ApusFiles

/// Reads the frames of an extended XYZ file one after the other.
struct FrameReader {
    private var lines: LineReader
    private let file: String
    private var frame = 0
    /// Rows for which memory is taken before they are seen: a wrong count must not take more.
    private static let reservedRows = 4096

    private var bytes: [UInt8] { lines.bytes }
    private var line: Int { lines.line }

    init(_ lines: LineReader, file: String) {
        self.lines = lines
        self.file = file
    }

    /// The next frame, nil at the end of the file.
    mutating func next() throws -> ExtendedXYZ.Frame? {
        var countLine = try lines.next()
        while let range = countLine, range.isEmpty { countLine = try lines.next() }
        guard let countLine else { return nil }
        frame += 1
        let firstLine = line
        guard let atomCount = parseInteger(bytes, countLine), atomCount > 0 else {
            throw failure(
                "the number of atoms must be a positive integer, but the line holds \(quoted(text(countLine)))",
                remedy: "check the frame before it: its number of atoms may be too small")
        }
        guard let commentLine = try lines.next() else {
            throw failure("the comment line is missing", remedy: "the file is truncated")
        }

        let header: FrameHeader
        do throws(CommentLineParser.Failure) {
            header = try FrameHeader(bytes, commentLine)
        } catch {
            throw failure(error.problem, remedy: "correct the comment line")
        }
        let (columns, unreadColumns) = try rows(atomCount, of: header, firstLine: firstLine)
        var frame = ExtendedXYZ.Frame(
            atomCount: atomCount, columns: columns, info: header.info, lattice: header.lattice,
            periodic: header.periodic, file: file, line: firstLine)
        frame.unreadColumns = unreadColumns
        return frame
    }

    private mutating func rows(
        _ count: Int, of header: FrameHeader, firstLine: Int
    ) throws -> (columns: [ExtendedXYZ.Column], unread: Int) {
        var unread = 0
        let width = header.columns.reduce(0) { $0 + $1.width }
        let reserved = min(count, Self.reservedRows, Self.reservedRows * 16 / width)
        var columns = header.columns.map { ColumnBuilder($0, rows: reserved) }
        for row in 0..<count {
            guard let range = try lines.next() else {
                throw failure(
                    "the frame announces \(counted(count, "atom")) in line \(firstLine), but the file ends after \(row)",
                    remedy: "the file is truncated, or the number of atoms is wrong")
            }
            var cursor = range.lowerBound
            let bytes = lines.bytes
            for index in columns.indices {
                for _ in 0..<columns[index].width {
                    let word = Self.nextWord(bytes, from: &cursor, end: range.upperBound)
                    guard !word.isEmpty else { throw wrongColumnCount(range, header) }
                    guard columns[index].append(bytes, word) else { throw wrongValue(word, columns[index]) }
                }
            }
            guard cursor < range.upperBound else { continue }
            guard header.isPlain else { throw wrongColumnCount(range, header) }
            if row == 0 { unread = bytes[cursor..<range.upperBound].split(whereSeparator: isSpace).count }
        }
        return (columns.map(\.column), unread)
    }

    /// The next word of a line, empty at its end; `cursor` then stands at the word after it.
    private static func nextWord(_ bytes: [UInt8], from cursor: inout Int, end: Int) -> Range<Int> {
        let start = cursor
        while cursor < end, !isSpace(bytes[cursor]) { cursor += 1 }
        let word = start..<cursor
        while cursor < end, isSpace(bytes[cursor]) { cursor += 1 }
        return word
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func failure(_ problem: String, remedy: String) -> ApusError {
        ApusError(.data, file: file, place: "frame \(frame), line \(line)", problem: problem, remedy: remedy)
    }

    private func wrongColumnCount(_ range: Range<Int>, _ header: FrameHeader) -> ApusError {
        let found = bytes[range].split(whereSeparator: isSpace).count
        let announced = header.columns.reduce(0) { $0 + $1.width }
        return failure(
            "an atom needs \(announced) columns, but the line has \(found)",
            remedy: "correct the line, 'Properties' or the number of atoms")
    }

    private func wrongValue(_ word: Range<Int>, _ column: ColumnBuilder) -> ApusError {
        let noun =
            switch column.kind {
            case .string: "a string"
            case .integer: "an integer"
            case .real: "a number"
            case .logical: "a boolean (T or F)"
            }
        return failure(
            "column \(quoted(column.name)) holds \(quoted(text(word))), which is not \(noun)",
            remedy: "correct the line")
    }
}

/// Collects the values of one column.
private struct ColumnBuilder {
    let name: String
    let kind: ExtendedXYZ.Column.Kind
    let width: Int
    private var strings: [String] = []
    private var integers: [Int] = []
    private var reals: [Double] = []
    private var logicals: [Bool] = []

    init(_ specification: FrameHeader.ColumnSpecification, rows: Int) {
        (name, kind, width) = (specification.name, specification.kind, specification.width)
        switch kind {
        case .string: strings.reserveCapacity(rows * width)
        case .integer: integers.reserveCapacity(rows * width)
        case .real: reals.reserveCapacity(rows * width)
        case .logical: logicals.reserveCapacity(rows * width)
        }
    }

    /// Appends a value; false when the text does not have the kind of the column.
    mutating func append(_ bytes: [UInt8], _ word: Range<Int>) -> Bool {
        switch kind {
        case .real:
            guard let value = parseReal(bytes, word) else { return false }
            reals.append(value)
        case .integer:
            guard let value = parseInteger(bytes, word) else { return false }
            integers.append(value)
        case .string:
            strings.append(String(decoding: bytes[word], as: UTF8.self))
        case .logical:
            guard let value = parseLogical(bytes, word) else { return false }
            logicals.append(value)
        }
        return true
    }

    var column: ExtendedXYZ.Column {
        let values: ExtendedXYZ.Column.Values =
            switch kind {
            case .string: .string(strings)
            case .integer: .integer(integers)
            case .real: .real(reals)
            case .logical: .logical(logicals)
            }
        return ExtendedXYZ.Column(name: name, width: width, values: values)
    }
}
