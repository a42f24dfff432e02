import ApusFiles
import ApusSystem
import CYaml

/// Reads a YAML document (https://yaml.org/spec/1.2.2) by libyaml. Every scalar is a string; a value that is left out is
/// null.
///
/// Nesting is at most 20 deep and a document has at most 100,000 values, those that aliases repeat included. Tags of
/// programs and several documents are refused.
public struct YAMLDocument: ~Copyable {
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

    private let bytes: UnsafeBufferPointer<UInt8>
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let event = UnsafeMutablePointer<yaml_event_t>.allocate(capacity: 1)
    /// The values with a name, and how many values each is.
    private var anchors: [String: (value: JSONValue, count: Int)] = [:]
    private var count = 0

    /// Reads a document.
    ///
    /// - Throws: ``Failure``.
    public static func read(_ text: String) throws(Failure) -> JSONValue {
        let result = Array(text.utf8).withUnsafeBufferPointer { bytes in
            Result { () throws(Failure) in
                var document = YAMLDocument(bytes)
                return try document.document()
            }
        }
        return try result.get()
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        parser.initialize(to: yaml_parser_t())
        event.initialize(to: yaml_event_t())
        require(yaml_parser_initialize(parser) == 1, "libyaml has no memory for a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_event_delete(event)
        yaml_parser_delete(parser)
        event.deallocate()
        parser.deallocate()
    }

    private mutating func document() throws(Failure) -> JSONValue {
        try next()
        try next()
        // A file without a document ends at once.
        guard event.pointee.type == YAML_DOCUMENT_START_EVENT else { return .object([:]) }
        try next()
        let value = try value(depth: 0).value
        try next()
        try next()
        guard event.pointee.type == YAML_STREAM_END_EVENT else { throw failure("a second document begins") }
        return value
    }

    private func next() throws(Failure) {
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 0 else { return }
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is no YAML"
        // What cannot be a character has a place in bytes only.
        let line =
            parser.pointee.error == YAML_READER_ERROR
            ? bytes.prefix(parser.pointee.problem_offset).count { $0 == UInt8(ascii: "\n") }
            : parser.pointee.problem_mark.line
        throw Failure(line: line + 1, problem: problem)
    }

    /// The value that begins with the present event, and how many values it consists of.
    private mutating func value(depth: Int) throws(Failure) -> (value: JSONValue, count: Int) {
        guard depth <= 20 else { throw failure("the nesting is too deep") }
        let before = count
        try add(1)
        let result: JSONValue
        let anchor: String?
        switch event.pointee.type {
        case YAML_ALIAS_EVENT:
            let name = Self.text(event.pointee.data.alias.anchor) ?? ""
            guard let known = anchors[name] else { throw failure("nothing before this has the name \(quoted(name))") }
            try add(known.count)
            return (known.value, count - before)
        case YAML_SCALAR_EVENT:
            let scalar = event.pointee.data.scalar
            anchor = Self.text(scalar.anchor)
            try check(tag: scalar.tag)
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            result = text.isEmpty && scalar.style == YAML_PLAIN_SCALAR_STYLE ? .null : .string(text)
        case YAML_SEQUENCE_START_EVENT:
            anchor = Self.text(event.pointee.data.sequence_start.anchor)
            try check(tag: event.pointee.data.sequence_start.tag)
            var elements: [JSONValue] = []
            try next()
            while event.pointee.type != YAML_SEQUENCE_END_EVENT {
                elements.append(try value(depth: depth + 1).value)
                try next()
            }
            result = .array(elements)
        default:
            anchor = Self.text(event.pointee.data.mapping_start.anchor)
            try check(tag: event.pointee.data.mapping_start.tag)
            result = .object(try members(depth: depth))
        }
        if let anchor { anchors[anchor] = (result, count - before) }
        return (result, count - before)
    }

    private mutating func members(depth: Int) throws(Failure) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try next()
        while event.pointee.type != YAML_MAPPING_END_EVENT {
            guard event.pointee.type == YAML_SCALAR_EVENT, let key = try value(depth: depth + 1).value.string else {
                throw failure("a key must be a text")
            }
            let line = event.pointee.start_mark.line + 1
            try next()
            let value = try value(depth: depth + 1).value
            guard members.updateValue(value, forKey: key) == nil else {
                throw Failure(line: line, problem: "the key \(quoted(key)) occurs twice")
            }
            try next()
        }
        return members
    }

    private mutating func add(_ values: Int) throws(Failure) {
        count += values
        guard count <= 100_000 else { throw failure("there are more than 100,000 values") }
    }

    /// The tags of plain values.
    private static let tags = Set(
        ["str", "map", "seq", "null", "int", "float", "bool"].map { "tag:yaml.org,2002:\($0)" })

    private func check(tag: UnsafeMutablePointer<yaml_char_t>?) throws(Failure) {
        guard let tag = Self.text(tag), tag != "!", !Self.tags.contains(tag) else { return }
        throw failure("the tag \(quoted(tag)) is not read")
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(decodingCString: $0, as: UTF8.self) }
    }

    private func failure(_ problem: String) -> Failure {
        Failure(line: event.pointee.start_mark.line + 1, problem: problem)
    }
}
