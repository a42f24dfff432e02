import ApusFiles

/// What the comment line says of a frame.
struct FrameHeader {
    /// A column that `Properties` announces.
    struct ColumnSpecification {
        let name: String
        let kind: ExtendedXYZ.Column.Kind
        let width: Int
    }

    /// Whether `Properties` is missing.
    let isPlain: Bool
    let columns: [ColumnSpecification]
    let info: [(key: String, value: ExtendedXYZ.Value)]
    let lattice: [Double]?
    let periodic: [Bool]

    init(_ bytes: [UInt8], _ line: Range<Int>) throws(CommentLineParser.Failure) {
        var parser = CommentLineParser(bytes, line)
        var pairs: [(key: String, value: ExtendedXYZ.Value)] = []
        var isProse = false
        do throws(CommentLineParser.Failure) {
            pairs = try parser.pairs()
        } catch {
            // Only a line that is clearly meant to follow the rules has to; any other is a comment.
            guard !Self.isMeantToFollowRules(bytes[line]) else { throw error }
            isProse = true
        }

        // GPUMD and KLIFF write the special keys in other cases.
        func take(_ names: String...) -> ExtendedXYZ.Value? {
            guard let index = pairs.firstIndex(where: { names.contains($0.key) }) else { return nil }
            return pairs.remove(at: index).value
        }
        let properties = take("Properties", "properties")
        lattice = try take("Lattice", "lattice").map(Self.lattice)
        isPlain = properties == nil
        if isPlain, lattice == nil, isProse || parser.hasKeyWithoutValue {
            pairs = [("comment", .string(String(decoding: bytes[line], as: UTF8.self)))]
        }
        periodic = try take("pbc", "PBC").map(Self.periodic) ?? [Bool](repeating: lattice != nil, count: 3)
        columns = try properties.map(Self.columns) ?? Self.plainColumns
        info = pairs
    }

    private static let plainColumns = [
        ColumnSpecification(name: "species", kind: .string, width: 1),
        ColumnSpecification(name: "pos", kind: .real, width: 3),
    ]

    private static func isMeantToFollowRules(_ line: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: line, as: UTF8.self).lowercased().filter { $0 != " " }
        return text.contains("properties=") || text.contains("lattice=")
    }

    /// Reads `species:S:1:pos:R:3`.
    private static func columns(_ value: ExtendedXYZ.Value) throws(CommentLineParser.Failure) -> [ColumnSpecification] {
        guard let text = value.string else {
            throw CommentLineParser.Failure(problem: "'Properties' is not of the form species:S:1:pos:R:3")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard parts.count % 3 == 0 else {
            throw CommentLineParser.Failure(
                problem: "'Properties' must consist of triples name:kind:count, but it is \(quoted(text))")
        }
        var columns: [ColumnSpecification] = []
        for start in stride(from: 0, to: parts.count, by: 3) {
            let (name, letter, count) = (parts[start], parts[start + 1], parts[start + 2])
            guard !name.isEmpty else {
                throw CommentLineParser.Failure(problem: "'Properties' has a column without a name, \(quoted(text))")
            }
            guard !columns.contains(where: { $0.name == name }) else {
                throw CommentLineParser.Failure(problem: "'Properties' names the column \(quoted(name)) twice")
            }
            guard let kind = ExtendedXYZ.Column.Kind(rawValue: letter.uppercased()) else {
                throw CommentLineParser.Failure(
                    problem: "'Properties' gives column \(quoted(name)) the kind \(quoted(letter)), not S, I, R or L")
            }
            guard let width = Int(count), (1...maximumWidth).contains(width) else {
                throw CommentLineParser.Failure(
                    problem: "'Properties' gives column \(quoted(name)) the count \(quoted(count)), "
                        + "not an integer from 1 to \(maximumWidth)")
            }
            columns.append(ColumnSpecification(name: name, kind: kind, width: width))
        }
        return columns
    }

    private static let maximumWidth = 1_000_000

    private static func lattice(_ value: ExtendedXYZ.Value) throws(CommentLineParser.Failure) -> [Double] {
        let numbers = value.reals ?? []
        switch numbers.count {
        case 9: return numbers
        case 3: return [numbers[0], 0, 0, 0, numbers[1], 0, 0, 0, numbers[2]]
        default:
            throw CommentLineParser.Failure(
                problem: "'Lattice' must be nine numbers, or the three of a diagonal, but it is \(quoted(value.text))")
        }
    }

    private static func periodic(_ value: ExtendedXYZ.Value) throws(CommentLineParser.Failure) -> [Bool] {
        let flags = value.logicals ?? []
        switch flags.count {
        case 3: return flags
        case 1: return [flags[0], flags[0], flags[0]]
        default:
            throw CommentLineParser.Failure(
                problem: "'pbc' must be three booleans (T or F), or one for all, but it is \(quoted(value.text))")
        }
    }
}
