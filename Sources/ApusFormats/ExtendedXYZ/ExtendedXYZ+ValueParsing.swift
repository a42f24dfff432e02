import ApusFiles

/// White space inside and around the lines of text files.
func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
}

/// Reads `T`, `true`, `True`, `TRUE` and their opposites.
func parseLogical(_ bytes: [UInt8], _ range: Range<Int>) -> Bool? {
    guard (1...5).contains(range.count) else { return nil }
    switch String(decoding: bytes[range], as: UTF8.self) {
    case "T", "true", "True", "TRUE": return true
    case "F", "false", "False", "FALSE": return false
    default: return nil
    }
}

extension ExtendedXYZ.Value {
    /// Reads a word that is not in quotes as the first that fits of integer, real number, truth value and text.
    init(word bytes: [UInt8], _ range: Range<Int>) {
        if !Self.hasLeadingZero(bytes, range), let real = parseReal(bytes, range) {
            self = parseInteger(bytes, range).map { .integer($0) } ?? .real(real)
        } else if let logical = parseLogical(bytes, range) {
            self = .logical(logical)
        } else {
            self = .string(String(decoding: bytes[range], as: UTF8.self))
        }
    }

    /// The elements of a list in the type that they share, nil when they share none but text.
    static func unified(_ elements: [ExtendedXYZ.Value]) -> [ExtendedXYZ.Value]? {
        if elements.allSatisfy({ $0.integer != nil }) || elements.allSatisfy({ $0.logical != nil }) { return elements }
        let reals = elements.compactMap(\.real)
        return reals.count == elements.count ? reals.map { .real($0) } : nil
    }

    /// Digits after a leading zero, as in `007`, make a name of what looks like a number.
    private static func hasLeadingZero(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var start = range.lowerBound
        if start < range.upperBound, bytes[start] == UInt8(ascii: "-") || bytes[start] == UInt8(ascii: "+") {
            start += 1
        }
        return start + 1 < range.upperBound && bytes[start] == UInt8(ascii: "0")
            && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start + 1])
    }
}

extension ExtendedXYZ.Value {
    /// A JSON value, as a plain one where that is possible.
    init(_ json: JSONValue) {
        switch json {
        case .logical(let value): self = .logical(value)
        case .integer(let value): self = .integer(value)
        case .real(let value): self = .real(value)
        case .string(let value): self = .string(value)
        case .null, .object: self = .json(json)
        case .array(let elements):
            let values = elements.map(Self.init)
            let isPlain = values.allSatisfy { if case .json = $0 { false } else { true } }
            self = isPlain ? .array(values) : .json(json)
        }
    }
}
