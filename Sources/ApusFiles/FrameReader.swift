/// Reads the frames of an extended XYZ file one after the other.
struct FrameReader {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 0
    private var frame = 0

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// The next frame, nil at the end of the file.
    mutating func next() throws -> ExtendedXYZ.Frame? {
        var countLine = nextLine()
        while let range = countLine, range.isEmpty { countLine = nextLine() }
        guard let countLine else { return nil }
        frame += 1
        let firstLine = line
        guard let atomCount = parseInteger(bytes, countLine), atomCount > 0 else {
            throw failure(
                "the number of atoms must be a positive integer, but the line holds \(quoted(text(countLine)))",
                remedy: "check the frame before it: its number of atoms may be too small")
        }
        guard let commentLine = nextLine() else {
            throw failure("the comment line is missing", remedy: "the file is truncated")
        }

        let header: FrameHeader
        do throws(CommentLineParser.Failure) {
            header = try FrameHeader(bytes, commentLine)
        } catch {
            throw failure(error.problem, remedy: "correct the comment line")
        }
        let columns = try rows(atomCount, of: header, firstLine: firstLine)
        return ExtendedXYZ.Frame(
            atomCount: atomCount, columns: columns, info: header.info, lattice: header.lattice,
            periodic: header.periodic, file: file, line: firstLine)
    }

    private mutating func rows(
        _ count: Int, of header: FrameHeader, firstLine: Int
    ) throws -> [ExtendedXYZ.Column] {
        // A value takes two bytes at least, so a wrong count cannot reserve more memory than suits the file.
        let width = header.columns.reduce(0) { $0 + $1.width }
        let possibleRows = min(count, max(0, bytes.count - position) / (2 * width))
        var columns = header.columns.map { ColumnBuilder($0, rows: possibleRows) }
        for row in 0..<count {
            guard let range = nextLine() else {
                throw failure(
                    "the frame announces \(counted(count, "atom")) in line \(firstLine), but the file ends after \(row)",
                    remedy: "the file is truncated, or the number of atoms is wrong")
            }
            var cursor = range.lowerBound
            for index in columns.indices {
                for _ in 0..<columns[index].width {
                    let word = nextWord(from: &cursor, end: range.upperBound)
                    guard !word.isEmpty else { throw wrongColumnCount(range, header) }
                    guard columns[index].append(bytes, word) else { throw wrongValue(word, columns[index]) }
                }
            }
            if !header.isPlain, cursor < range.upperBound { throw wrongColumnCount(range, header) }
        }
        return columns.map(\.column)
    }

    /// The next line without white space at its ends; nil at the end of the file.
    private mutating func nextLine() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        line += 1
        var start = position
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        position = end + 1
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The next word of a line, empty at its end; `cursor` then stands at the word after it.
    private func nextWord(from cursor: inout Int, end: Int) -> Range<Int> {
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
