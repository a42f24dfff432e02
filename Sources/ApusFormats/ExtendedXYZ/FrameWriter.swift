import ApusFiles

/// Writes frames so that they read back equal, in the forms that older readers understand too.
enum FrameWriter {
    struct Failure: Error {
        let problem: String
    }

    static func append(_ frame: ExtendedXYZ.Frame, to bytes: inout [UInt8]) throws(Failure) {
        bytes += "\(frame.atomCount)\n".utf8
        bytes += try commentLine(frame).utf8
        bytes.append(UInt8(ascii: "\n"))
        for row in 0..<frame.atomCount {
            for (index, column) in frame.columns.enumerated() {
                for component in 0..<column.width {
                    if index > 0 || component > 0 { bytes.append(UInt8(ascii: " ")) }
                    let position = row * column.width + component
                    switch column.values {
                    case .string(let values): bytes += values[position].utf8
                    case .integer(let values): bytes += String(values[position]).utf8
                    case .real(let values): bytes += values[position].description.utf8
                    case .logical(let values): bytes.append(UInt8(ascii: values[position] ? "T" : "F"))
                    }
                }
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    private static func commentLine(_ frame: ExtendedXYZ.Frame) throws(Failure) -> String {
        for column in frame.columns { try check(column) }
        var parts: [String] = []
        if let lattice = frame.lattice { parts.append("Lattice=\(text(ExtendedXYZ.Value(lattice)))") }
        parts.append(
            "Properties=" + frame.columns.map { "\($0.name):\($0.kind.rawValue):\($0.width)" }.joined(separator: ":"))
        for (key, value) in frame.info { parts.append("\(text(key))=\(text(value))") }
        parts.append("pbc=\"\(frame.periodic.map { $0 ? "T" : "F" }.joined(separator: " "))\"")
        return parts.joined(separator: " ")
    }

    private static func check(_ column: ExtendedXYZ.Column) throws(Failure) {
        guard !column.name.isEmpty, !column.name.unicodeScalars.contains(where: { $0 == ":" || isSpecial($0) }) else {
            throw Failure(problem: "\(quoted(column.name)) cannot be the name of a column")
        }
        guard case .string(let values) = column.values else { return }
        if let value = values.first(where: { $0.isEmpty || $0.utf8.contains(where: isSpace) }) {
            throw Failure(problem: "column \(quoted(column.name)) cannot hold \(quoted(value))")
        }
    }

    private static func text(_ value: ExtendedXYZ.Value) -> String {
        switch value {
        case .integer(let value): return String(value)
        case .real(let value): return value.description
        case .logical(let value): return value ? "T" : "F"
        case .string(let value):
            // ASE takes the next pair for the value of a key with an empty one, but it knows JSON.
            let plain = text(value)
            return !value.isEmpty && readsBack(plain, as: .string(value)) ? plain : json(.string(value))
        case .json(let value): return json(value)
        case .array(let elements):
            // Numbers in quotes are understood everywhere. ASE takes brackets apart wrongly, but it knows JSON.
            let words = "\"" + elements.map(text).joined(separator: " ") + "\""
            return readsBack(words, as: value) ? words : json(JSONValue(value))
        }
    }

    /// A string as it is if that is possible, else in quotes.
    private static func text(_ string: String) -> String {
        string.isEmpty || string.unicodeScalars.contains(where: isSpecial) ? inQuotes(string) : string
    }

    private static func inQuotes(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    private static func json(_ value: JSONValue) -> String {
        inQuotes("_JSON \(value)")
    }

    /// Whether the reader takes a text for this value.
    private static func readsBack(_ text: String, as value: ExtendedXYZ.Value) -> Bool {
        let line = Array("key=\(text)".utf8)
        var parser = CommentLineParser(line, line.indices)
        guard let pairs = try? parser.pairs(), pairs.count == 1 else { return false }
        return isSame(pairs[0].value, value)
    }

    /// Equality that takes `nan` for equal to itself.
    private static func isSame(_ left: ExtendedXYZ.Value, _ right: ExtendedXYZ.Value) -> Bool {
        switch (left, right) {
        case (.real(let left), .real(let right)): left == right || left.isNaN && right.isNaN
        case (.array(let left), .array(let right)): left.elementsEqual(right, by: isSame)
        default: left == right
        }
    }

    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t"..."\r", "=", "\"", ",", "{", "}", "[", "]", "\\": true
        default: false
        }
    }
}

extension JSONValue {
    /// The same value in JSON.
    fileprivate init(_ value: ExtendedXYZ.Value) {
        switch value {
        case .integer(let value): self = .integer(value)
        case .real(let value): self = .real(value)
        case .logical(let value): self = .logical(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .array(elements.map(Self.init))
        case .json(let value): self = value
        }
    }
}
