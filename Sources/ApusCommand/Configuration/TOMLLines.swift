/// The lines on which the tables and keys of a TOML document stand, because the parser does not tell.
///
/// Only keys at the beginning of a line are found; a key inside an inline table has the line of the table.
struct TOMLLines: Sendable {
    private var lines: [String: Int] = [:]

    /// Scans a document whose syntax is known to be right.
    init(_ text: String) {
        var table: [String] = []
        var scanner = ValueScanner()
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard scanner.isAtStart else {
                scanner.skip(line)
                continue
            }
            var rest = line.drop(while: \.isWhitespace)
            if rest.first == "[" {
                rest = rest.drop { $0 == "[" }
                table = Self.keys(in: &rest)
                note(table, line: index + 1)
            } else if let first = rest.first, first != "#" {
                note(table + Self.keys(in: &rest), line: index + 1)
                scanner.skip(rest.dropFirst())
            }
        }
    }

    /// The line of a key or, where it has none, of the nearest table around it.
    func line(of path: String) -> Int? {
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
    private static func keys(in text: inout Substring) -> [String] {
        var keys = [""]
        while let character = text.first, character != "=", character != "]" {
            text.removeFirst()
            switch character {
            case ".": keys.append("")
            case "\"", "'":
                keys[keys.count - 1] += text.prefix { $0 != character }
                text = text.drop { $0 != character }.dropFirst()
            case let character where character.isWhitespace: break
            default: keys[keys.count - 1].append(character)
            }
        }
        return keys
    }
}

/// Follows values over the ends of lines: lists and texts in triple quotes.
private struct ValueScanner {
    private var depth = 0
    private var quotes: String?

    /// Whether the next line begins with a key or a table.
    var isAtStart: Bool { depth == 0 && quotes == nil }

    mutating func skip(_ line: Substring) {
        var rest = line
        while let character = rest.first {
            if let open = quotes {
                if rest.hasPrefix(open) {
                    rest.removeFirst(open.count)
                    quotes = nil
                } else {
                    // A backslash takes the next character with it, but not in literal texts.
                    rest.removeFirst(character == "\\" && open.first == "\"" ? min(2, rest.count) : 1)
                }
                continue
            }
            switch character {
            case "#": return
            case "[", "{": depth += 1
            case "]", "}": depth -= 1
            case "\"", "'":
                let triple = String(repeating: character, count: 3)
                let open = rest.hasPrefix(triple) ? triple : String(character)
                quotes = open
                rest.removeFirst(open.count - 1)
            default: break
            }
            rest.removeFirst()
        }
        // Only triple quotes go on in the next line.
        if let open = quotes, open.count == 1 { quotes = nil }
    }
}
