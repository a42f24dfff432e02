/// A JSON value (RFC 8259), as found in file headers and metadata.
///
/// Numbers without point and exponent that fit are integers. As in Python's `json`, `NaN`, `Infinity` and `-Infinity`
/// are read and written, because scientific files contain them; other forms of numbers, such as `.5`, are read too.
/// An object with a repeated key is refused.
public enum JSONValue: Sendable, Equatable {
    /// The absence of a value.
    case null
    /// `true` or `false`.
    case logical(Bool)
    /// A number without point and exponent.
    case integer(Int)
    /// Any other number.
    case real(Double)
    /// Text.
    case string(String)
    /// An ordered list.
    case array([JSONValue])
    /// Values by key; the order of keys is not kept.
    case object([String: JSONValue])

    /// Where and why a text is no JSON.
    public struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
        /// The offset in bytes from the start of the text.
        public let offset: Int
        /// What was expected or found.
        public let problem: String
        /// Both in words.
        public var description: String { "\(problem) at byte \(offset)" }
    }

    /// Parses a complete text.
    ///
    /// - Throws: ``SyntaxError``.
    public init(parsing text: String) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses the UTF-8 bytes of a complete text.
    ///
    /// - Throws: ``SyntaxError``.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    /// The member with this key, nil when there is none or the value is no object.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The value as an integer.
    public var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The value as a real number; integers count.
    public var real: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The value as text.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value as a list.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The value as members by key.
    public var object: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }
}
