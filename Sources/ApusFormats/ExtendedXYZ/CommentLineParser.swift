import ApusFiles

/// Parses the key-value pairs of the second line of a frame.
struct CommentLineParser {
    struct Failure: Error {
        let problem: String
    }

    /// Text in memory of its own or of the whole file.
    private struct Text {
        let bytes: [UInt8]
        let range: Range<Int>

        var string: String { String(decoding: bytes[range], as: UTF8.self) }
        var value: ExtendedXYZ.Value { ExtendedXYZ.Value(word: bytes, range) }

        /// The parts between white space and commas.
        var words: [Text] {
            bytes[range].split { isSpace($0) || $0 == UInt8(ascii: ",") }.map { Text(bytes: bytes, range: $0.indices) }
        }
    }

    /// Whether the line has a key that stands alone.
    private(set) var hasKeyWithoutValue = false
    private let bytes: [UInt8]
    private let end: Int
    private var position: Int

    init(_ bytes: [UInt8], _ line: Range<Int>) {
        self.bytes = bytes
        position = line.lowerBound
        end = line.upperBound
    }

    /// All pairs in order, where a key without a value is true.
    mutating func pairs() throws(Failure) -> [(key: String, value: ExtendedXYZ.Value)] {
        var pairs: [(key: String, value: ExtendedXYZ.Value)] = []
        skipSpace()
        while position < end {
            let key = peek == UInt8(ascii: "\"") ? try quotedText().string : try bareKey()
            guard !key.isEmpty else { throw Failure(problem: "a value stands without a key") }
            skipSpace()
            if peek == UInt8(ascii: "=") {
                position += 1
                skipSpace()
                pairs.append((key, try value(of: key)))
            } else {
                hasKeyWithoutValue = true
                pairs.append((key, .logical(true)))
            }
            skipSpace()
        }
        // What the frame is made of must be clear; whether another key matters, its reader knows.
        let keys = pairs.map { $0.key.lowercased() }.filter(["properties", "lattice", "pbc"].contains).sorted()
        if let (key, _) = zip(keys, keys.dropFirst()).first(where: ==) {
            throw Failure(problem: "the key \(quoted(key)) occurs twice")
        }
        return pairs
    }

    private mutating func value(of key: String) throws(Failure) -> ExtendedXYZ.Value {
        switch peek {
        case nil:
            throw Failure(problem: "the key \(quoted(key)) has no value after '='")
        case UInt8(ascii: "\""):
            return Self.quotedValue(try quotedText())
        case UInt8(ascii: "'") where singleQuotedText != nil:
            let text = singleQuotedText!
            position = text.range.upperBound + 1
            return Self.quotedValue(text)
        case UInt8(ascii: "{"):
            guard let closing = bytes[position..<end].firstIndex(of: UInt8(ascii: "}")) else {
                throw Failure(problem: "the value of \(quoted(key)) has no closing '}'")
            }
            let text = Text(bytes: bytes, range: (position + 1)..<closing)
            position = closing + 1
            return Self.list(text.words) ?? .array(text.words.map { .string($0.string) })
        case UInt8(ascii: "["):
            let start = position
            let element = try bracket(of: key, depth: 0)
            // Only white space ends a list; a SMILES string such as [Na+].[Cl-] goes on.
            if let byte = peek, !isSpace(byte) {
                position = start
                return .string(try bareWord(of: key).string)
            }
            return try element.value(of: key)
        default:
            return try bareWord(of: key).value
        }
    }

    /// A text in quotes is a number, a truth value, or a list of them if all its words are; ASE allows commas too.
    private static func quotedValue(_ text: Text) -> ExtendedXYZ.Value {
        let prefix = "_JSON "
        if text.bytes[text.range].starts(with: prefix.utf8) {
            let json = Array(text.bytes[text.range].dropFirst(prefix.utf8.count))
            if let value = try? JSONValue(parsing: json) { return ExtendedXYZ.Value(value) }
        }
        return list(text.words) ?? .string(text.string)
    }

    /// A list of numbers or truth values, a single one of which is a scalar; nil when there is other text.
    private static func list(_ words: [Text]) -> ExtendedXYZ.Value? {
        guard !words.isEmpty, let values = ExtendedXYZ.Value.unified(words.map(\.value)) else { return nil }
        return values.count == 1 ? values[0] : .array(values)
    }

    /// A list in brackets, whose elements have a common type that is known only at the end.
    private mutating func bracket(of key: String, depth: Int) throws(Failure) -> BracketElement {
        guard depth < 10 else { throw Failure(problem: "the value of \(quoted(key)) is nested too deeply") }
        position += 1
        var elements: [BracketElement] = []
        while true {
            skipSpace()
            switch peek {
            case nil: throw Failure(problem: "the value of \(quoted(key)) has no closing ']'")
            case UInt8(ascii: "]"):
                position += 1
                return .list(elements)
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "["): elements.append(try bracket(of: key, depth: depth + 1))
            case UInt8(ascii: "\""):
                let text = try quotedText().string
                elements.append(.scalar(.string(text), text: text))
            default:
                let word = bareText { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "]") }
                elements.append(.scalar(word.value, text: word.string))
            }
        }
    }

    /// A string in quotes; a backslash takes the next character literally, but `\n` is a line break.
    private mutating func quotedText() throws(Failure) -> Text {
        let start = position
        position += 1
        var hasEscape = false
        while let byte = peek, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                hasEscape = true
                position += 1
            }
            position += 1
        }
        guard position < end else {
            position = end
            let found = String(decoding: bytes[start..<end], as: UTF8.self)
            throw Failure(problem: "the quotes are unbalanced, there is no closing quote for \(quoted(found))")
        }
        let range = (start + 1)..<position
        position += 1
        guard hasEscape else { return Text(bytes: bytes, range: range) }
        var text: [UInt8] = []
        var rest = bytes[range]
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
                byte = next == UInt8(ascii: "n") ? UInt8(ascii: "\n") : next
            }
            text.append(byte)
        }
        return Text(bytes: text, range: text.indices)
    }

    /// The text between single quotes that begins here, as ASE allows it; nil where no word ends with the closing one.
    private var singleQuotedText: Text? {
        let quote = UInt8(ascii: "'")
        let closing = (position + 1..<end).first { index in
            bytes[index] == quote && (index + 1 == end || isSpace(bytes[index + 1]))
        }
        return closing.map { Text(bytes: bytes, range: (position + 1)..<$0) }
    }

    private mutating func bareKey() throws(Failure) -> String {
        let key = bareText { $0 == UInt8(ascii: "=") }
        guard !bytes[key.range].contains(UInt8(ascii: "\"")) else {
            throw Failure(problem: "a quote stands inside of the key \(quoted(key.string))")
        }
        return key.string
    }

    private mutating func bareWord(of key: String) throws(Failure) -> Text {
        let word = bareText { _ in false }
        guard !bytes[word.range].contains(UInt8(ascii: "\"")) else {
            throw Failure(problem: "the value of \(quoted(key)) has unbalanced quotes, \(quoted(word.string))")
        }
        return word
    }

    /// Everything up to white space or another end.
    private mutating func bareText(until isEnd: (UInt8) -> Bool) -> Text {
        let start = position
        while let byte = peek, !isSpace(byte), !isEnd(byte) { position += 1 }
        return Text(bytes: bytes, range: start..<position)
    }

    private var peek: UInt8? { position < end ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, isSpace(byte) { position += 1 }
    }
}
