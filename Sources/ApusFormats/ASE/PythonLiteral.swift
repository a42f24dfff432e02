import ApusFiles

/// The literals that occur in the headers of NumPy files.
enum PythonLiteral {
    case string(String)
    case integer(Int)
    case logical(Bool)
    case list([PythonLiteral])
    case dictionary([String: PythonLiteral])
}

/// Parses a Python literal; nil stands for a syntax error.
struct PythonLiteralParser {
    private var rest: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return rest.isEmpty
        }
    }

    mutating func value(depth: Int) -> PythonLiteral? {
        guard depth < 10 else { return nil }
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"): return dictionary(depth: depth)
        case UInt8(ascii: "("): return list(closing: ")", depth: depth)
        case UInt8(ascii: "["): return list(closing: "]", depth: depth)
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map { .string($0) }
        default: return word()
        }
    }

    private mutating func dictionary(depth: Int) -> PythonLiteral? {
        rest.removeFirst()
        var members: [String: PythonLiteral] = [:]
        while !accept("}") {
            guard let key = string(), accept(":"), let value = value(depth: depth + 1) else { return nil }
            guard members.updateValue(value, forKey: key) == nil else { return nil }
            if accept(",") { continue }
            return accept("}") ? .dictionary(members) : nil
        }
        return .dictionary(members)
    }

    private mutating func list(closing: Unicode.Scalar, depth: Int) -> PythonLiteral? {
        rest.removeFirst()
        var elements: [PythonLiteral] = []
        while !accept(closing) {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
            if accept(",") { continue }
            return accept(closing) ? .list(elements) : nil
        }
        return .list(elements)
    }

    private mutating func string() -> String? {
        skipSpace()
        guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return String(validating: rest[..<end], as: UTF8.self)
    }

    private mutating func word() -> PythonLiteral? {
        let end = rest.firstIndex { !isASCIIAlphanumeric($0) } ?? rest.endIndex
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest = rest[end...]
        switch text {
        case "True": return .logical(true)
        case "False": return .logical(false)
        default:
            // Python 2 wrote long integers as `1000L`.
            return Int(text.hasSuffix("L") ? text.dropLast() : text[...]).map { .integer($0) }
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
    }
}

private func isASCIIAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default: false
    }
}
