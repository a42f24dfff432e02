/// A recursive-descent parser over the UTF-8 bytes of a text.
struct JSONParser {
    let bytes: [UInt8]
    private var position = 0

    /// Deeper nesting than any real file has would exhaust the stack.
    private static let maximumDepth = 100

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONValue.SyntaxError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("there is text after the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONValue.SyntaxError) -> JSONValue {
        guard depth <= Self.maximumDepth else { throw failure("the nesting is too deep") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        default: return try word()
        }
    }

    private mutating func members(depth: Int) throws(JSONValue.SyntaxError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        position += 1
        skipSpace()
        if accept("}") { return members }
        repeat {
            skipSpace()
            let start = position
            guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing") }
            let key = try string()
            skipSpace()
            guard accept(":") else { throw failure("a colon is missing") }
            let value = try value(depth: depth + 1)
            guard members.updateValue(value, forKey: key) == nil else {
                position = start
                throw failure("the key \(quoted(key)) occurs twice")
            }
            skipSpace()
        } while accept(",")
        guard accept("}") else { throw failure("a comma or a closing brace is missing") }
        return members
    }

    private mutating func elements(depth: Int) throws(JSONValue.SyntaxError) -> [JSONValue] {
        var elements: [JSONValue] = []
        position += 1
        skipSpace()
        if accept("]") { return elements }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while accept(",")
        guard accept("]") else { throw failure("a comma or a closing bracket is missing") }
        return elements
    }

    /// A literal or a number.
    private mutating func word() throws(JSONValue.SyntaxError) -> JSONValue {
        let start = position
        while let byte = peek, !" \t\r\n,:]}[{\"".utf8.contains(byte) { position += 1 }
        let range = start..<position
        let text = String(decoding: bytes[range], as: UTF8.self)
        switch text {
        case "null": return .null
        case "true": return .logical(true)
        case "false": return .logical(false)
        case "NaN": return .real(.nan)
        case "Infinity": return .real(.infinity)
        case "-Infinity": return .real(-.infinity)
        case "":
            throw failure("a value is missing")
        default:
            if let integer = parseInteger(bytes, range) { return .integer(integer) }
            if let real = parseReal(bytes, range), real.isFinite { return .real(real) }
            position = start
            throw failure("\(quoted(text)) is no value")
        }
    }

    private mutating func string() throws(JSONValue.SyntaxError) -> String {
        var text: [UInt8] = []
        position += 1
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not valid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                text += String(try escapedCharacter()).utf8
            default:
                text.append(byte)
            }
        }
        throw failure("a closing quote is missing")
    }

    /// What follows a backslash.
    private mutating func escapedCharacter() throws(JSONValue.SyntaxError) -> Unicode.Scalar {
        guard let byte = peek else { throw failure("a closing quote is missing") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw failure("a backslash is followed by \(quoted(String(Unicode.Scalar(byte))))")
        }
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Characters beyond the basic plane are two escapes: a high and a low surrogate.
        guard first < 0xDC00, accept("\\"), accept("u"), case let second = try codeUnit(),
            (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure("half a surrogate pair stands alone") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONValue.SyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\\u needs four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
    }

    private func failure(_ problem: String) -> JSONValue.SyntaxError {
        JSONValue.SyntaxError(offset: position, problem: problem)
    }
}
