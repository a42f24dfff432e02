/// Reads the part of YAML that descriptions of data sets use: block mappings and sequences of plain or quoted scalars,
/// folded and literal text, comments. Every scalar is a string.
///
/// Anchors, tags, flow collections and several documents are refused (https://yaml.org/spec/1.2.2).
public struct YAMLDocument {
    /// What is wrong, and in which line.
    public struct Failure: Error, Equatable {
        /// The line, from 1.
        public let line: Int
        /// The problem in words.
        public let problem: String

        /// Describes a problem.
        public init(line: Int, problem: String) {
            (self.line, self.problem) = (line, problem)
        }
    }

    private struct Line {
        let number: Int
        let indent: Int
        let text: Substring
    }

    private var lines: [Line]
    private var position = 0

    /// Reads a document.
    ///
    /// - Throws: ``Failure``.
    public static func read(_ text: String) throws(Failure) -> JSONValue {
        var document = try YAMLDocument(text)
        guard let first = document.lines.first else { return .object([:]) }
        let value = try document.block(indent: first.indent, depth: 0)
        if document.position < document.lines.count {
            throw Failure(line: document.lines[document.position].number, problem: "the indentation is wrong")
        }
        return value
    }

    private init(_ text: String) throws(Failure) {
        lines = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.drop { $0 == " " }
            let trimmed = Self.trimmed(content)
            if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed == "---" { continue }
            guard !content.hasPrefix("\t") else { throw Failure(line: index + 1, problem: "a tab indents the line") }
            lines.append(Line(number: index + 1, indent: line.count - content.count, text: trimmed))
        }
    }

    private mutating func block(indent: Int, depth: Int) throws(Failure) -> JSONValue {
        let line = lines[position]
        guard depth < 20 else { throw Failure(line: line.number, problem: "the nesting is too deep") }
        if line.text == "-" || line.text.hasPrefix("- ") { return try sequence(indent: indent, depth: depth) }
        guard Self.key(of: line.text) != nil else {
            position += 1
            return .string(try scalar(line.text, line.number))
        }
        var members: [String: JSONValue] = [:]
        while position < lines.count, lines[position].indent == indent, !lines[position].text.hasPrefix("- ") {
            let line = lines[position]
            guard let (key, rest) = Self.key(of: line.text) else {
                throw Failure(line: line.number, problem: "there is no 'key:'")
            }
            position += 1
            let value = try value(rest, of: line, indent: indent, depth: depth)
            guard members.updateValue(value, forKey: key) == nil else {
                throw Failure(line: line.number, problem: "the key \(quoted(key)) occurs twice")
            }
        }
        return .object(members)
    }

    private mutating func value(
        _ rest: Substring, of line: Line, indent: Int, depth: Int
    ) throws(Failure) -> JSONValue {
        if ["|", ">", "|-", ">-"].contains(rest) {
            var parts: [Substring] = []
            while position < lines.count, lines[position].indent > indent {
                parts.append(lines[position].text)
                position += 1
            }
            return .string(parts.joined(separator: rest.hasPrefix("|") ? "\n" : " "))
        }
        guard rest.isEmpty else {
            // A plain scalar goes on in lines that are indented further.
            var text = String(rest)
            while position < lines.count, lines[position].indent > indent {
                text += " " + lines[position].text
                position += 1
            }
            return .string(try scalar(text[...], line.number))
        }
        guard position < lines.count else { return .null }
        let next = lines[position]
        let isSequence = next.indent == indent && (next.text == "-" || next.text.hasPrefix("- "))
        guard next.indent > indent || isSequence else { return .null }
        return try block(indent: next.indent, depth: depth + 1)
    }

    private mutating func sequence(indent: Int, depth: Int) throws(Failure) -> JSONValue {
        var elements: [JSONValue] = []
        while position < lines.count, lines[position].indent == indent,
            lines[position].text == "-" || lines[position].text.hasPrefix("- ")
        {
            let line = lines[position]
            let content = line.text.dropFirst().drop { $0 == " " }
            if content.isEmpty {
                position += 1
                elements.append(try value("", of: line, indent: indent, depth: depth))
            } else {
                // What follows the dash stands where it would in a line of its own.
                let inner = indent + line.text.count - content.count
                lines[position] = Line(number: line.number, indent: inner, text: content)
                elements.append(try block(indent: inner, depth: depth + 1))
            }
        }
        return .array(elements)
    }

    private func scalar(_ text: Substring, _ line: Int) throws(Failure) -> String {
        guard let first = text.first else { return "" }
        if first == "\"" || first == "'" {
            guard text.count > 1, text.last == first else {
                throw Failure(line: line, problem: "a quote is not closed")
            }
            return String(text.dropFirst().dropLast())
        }
        guard !"&*!{[%@`".contains(first) else {
            throw Failure(line: line, problem: "\(quoted(String(text))) is a form of YAML that is not read here")
        }
        let comment = text.ranges(of: " #").first?.lowerBound ?? text.endIndex
        return String(Self.trimmed(text[..<comment]))
    }

    /// Splits `key: rest`; nil when there is no colon at the end or before a space.
    private static func key(of text: Substring) -> (key: String, rest: Substring)? {
        if let quote = text.first, quote == "\"" || quote == "'" {
            guard let end = text.dropFirst().firstIndex(of: quote),
                case let rest = text[text.index(after: end)...], rest.hasPrefix(":")
            else { return nil }
            return (String(text[text.index(after: text.startIndex)..<end]), trimmed(rest.dropFirst()))
        }
        var index = text.startIndex
        while let colon = text[index...].firstIndex(of: ":") {
            let after = text.index(after: colon)
            if after == text.endIndex || text[after] == " " {
                return (String(trimmed(text[..<colon])), trimmed(text[after...]))
            }
            index = after
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text.drop { $0.isWhitespace }
    }
}
