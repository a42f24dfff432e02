/// The lines on which the tables and keys of a TOML document stand, because the parser does not tell.
///
/// Only keys at the beginning of a line are found; a key inside an inline table has the line of the table.
struct TOMLLines: Sendable {
    private var lines: [String: Int] = [:]

    /// Scans a document whose syntax is known to be right.
    init(_ text: String) {
        var table: [String] = []
        Self.forEachStatement(text) { line, statement in
            var rest = statement
            if rest.first == "[" {
                rest = rest.drop { $0 == "[" }
                table = Self.keys(in: &rest)
                note(table, line: line)
            } else {
                note(table + Self.keys(in: &rest), line: line)
            }
        }
    }

    /// Makes sure that a bracket that opens a table is followed by a key, and that brackets of values match; otherwise the
    /// parser would abort the program.
    static func requireSoundBrackets(_ text: String) throws(TOMLSyntaxError) {
        var fault: TOMLSyntaxError?
        let mismatch = forEachStatement(text) { line, statement in
            guard fault == nil, statement.first == "[" else { return }
            var rest = statement.dropFirst().drop(while: isBlank)
            if rest.first == "[" { rest = rest.dropFirst().drop(while: isBlank) }
            let isKey =
                rest.first.map {
                    $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-\"']".unicodeScalars.contains($0))
                }
            guard isKey != true else { return }
            fault = TOMLSyntaxError(line: line, column: 1, problem: "expected the name of a table after '['")
        }
        if let mismatch, mismatch < fault?.line ?? .max {
            throw TOMLSyntaxError(line: mismatch, column: 1, problem: "'}' closes what '[' opened")
        }
        if let fault { throw fault }
    }

    /// Makes sure that no key has more parts than a call stack bears; the parser goes down one level for each.
    static func requireShallowKeys(_ text: String) throws(TOMLSyntaxError) {
        var (line, parts, isPart) = (1, 0, false)
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "\n"): (line, parts, isPart) = (line + 1, 0, false)
            case UInt8(ascii: "."):
                // Points in a row are prose.
                parts = isPart ? parts + 1 : 0
                isPart = false
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "\""),
                UInt8(ascii: "'"), 0x80...:
                isPart = true
            case UInt8(ascii: " "), UInt8(ascii: "\t"): continue
            default: (parts, isPart) = (0, false)
            }
            guard parts <= 64 else {
                throw TOMLSyntaxError(line: line, column: 1, problem: "a key has more than 64 parts")
            }
        }
    }

    private typealias Text = Substring.UnicodeScalarView

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    /// Calls a function with every line that begins with a key or a table, without the blanks in front.
    ///
    /// - Returns: The first line in which '}' closes what '[' opened.
    @discardableResult
    private static func forEachStatement(_ text: String, _ body: (_ line: Int, Text) -> Void) -> Int? {
        var scanner = ValueScanner()
        let scalars = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
        for (index, line) in scalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard scanner.isAtStart else {
                scanner.skip(line)
                if scanner.isMismatched { return index + 1 }
                continue
            }
            let statement = line.drop { isBlank($0) || $0 == "\r" }
            guard let first = statement.first, first != "#" else { continue }
            body(index + 1, statement)
            if first != "[" {
                var value = statement
                _ = keys(in: &value)
                scanner.skip(value.dropFirst())
                if scanner.isMismatched { return index + 1 }
            }
        }
        return nil
    }

    /// The line of a key or, where it has none, of the nearest table around it.
    package func line(of path: String) -> Int? {
        var components = path.split(separator: ".")
        while !components.isEmpty {
            if let line = lines[components.joined(separator: ".")] { return line }
            components.removeLast()
        }
        return nil
    }

    private mutating func note(_ path: [String], line: Int) {
        for end in path.indices {
            let key = path[...end].joined(separator: ".")
            if lines[key] == nil || end == path.count - 1 { lines[key] = line }
        }
    }

    /// Takes a dotted key from the beginning of a line.
    private static func keys(in text: inout Text) -> [String] {
        var keys = [""]
        while let character = text.first, character != "=", character != "]" {
            text.removeFirst()
            switch character {
            case ".": keys.append("")
            case "\"", "'":
                while let quoted = text.popFirst(), quoted != character {
                    keys[keys.count - 1].unicodeScalars.append(quoted)
                    if quoted == "\\", character == "\"" { text = text.dropFirst() }
                }
            case " ", "\t", "\r": break
            default: keys[keys.count - 1].unicodeScalars.append(character)
            }
        }
        return keys
    }
}

/// Follows values over the ends of lines: lists and texts in triple quotes.
private struct ValueScanner {
    /// The brackets that are open.
    private var open: [Unicode.Scalar] = []
    /// Whether '}' closed what '[' opened.
    private(set) var isMismatched = false
    private var quotes: [Unicode.Scalar]?

    /// Whether the next line begins with a key or a table.
    var isAtStart: Bool { open.isEmpty && quotes == nil }

    mutating func skip(_ line: Substring.UnicodeScalarView) {
        var rest = line
        while let character = rest.first {
            if let quotes {
                if rest.starts(with: quotes) {
                    rest.removeFirst(quotes.count)
                    self.quotes = nil
                } else {
                    // A backslash takes the next character with it, but not in literal texts.
                    rest.removeFirst(character == "\\" && quotes.first == "\"" ? min(2, rest.count) : 1)
                }
                continue
            }
            switch character {
            case "#": return
            case "[", "{": open.append(character)
            case "]", "}": if open.popLast() == "[", character == "}" { isMismatched = true }
            case "\"", "'":
                let triple = [Unicode.Scalar](repeating: character, count: 3)
                let opening = rest.starts(with: triple) ? triple : [character]
                quotes = opening
                rest.removeFirst(opening.count - 1)
            default: break
            }
            rest.removeFirst()
        }
        // Only triple quotes go on in the next line.
        if quotes?.count == 1 { quotes = nil }
    }
}
