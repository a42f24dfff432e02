import ApusFiles

/// The column `data` of a row of an ASE database: values by key, arrays among them.
///
/// ASE writes an integer of 64 bits, the bytes of all arrays, and at that offset JSON, in which arrays are
/// `{"__ndarray__": [shape, type, offset]}`; older versions wrote JSON text.
public struct ASEData: Sendable {
    /// An array of numbers.
    public struct Array: Sendable, Equatable {
        /// The extents, slowest first; empty for a scalar.
        public let shape: [Int]
        /// The elements, last index fastest.
        public let values: [Double]

        /// Describes an array.
        public init(shape: [Int], values: [Double]) {
            (self.shape, self.values) = (shape, values)
        }
    }

    /// What is wrong with the bytes.
    public struct Failure: Error, Equatable {
        /// In words.
        public let problem: String
    }

    /// The arrays and numbers by key.
    public let arrays: [String: Array]
    /// Every other value by key.
    public let values: [String: JSONValue]

    /// Reads the binary form.
    ///
    /// - Throws: ``Failure``.
    public init(bytes: [UInt8]) throws(Failure) {
        guard bytes.count >= 8 else {
            guard bytes.isEmpty else { throw Failure(problem: "it has only \(counted(bytes.count, "byte"))") }
            self.init(arrays: [:], values: [:])
            return
        }
        let start = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard start >= 8, start <= bytes.count else {
            throw Failure(problem: "it announces its keys at byte \(start) of \(bytes.count)")
        }
        try self.init(json: bytes[Int(start)...], blob: bytes[..<Int(start)])
    }

    /// Reads the form of text.
    ///
    /// - Throws: ``Failure``.
    public init(text: String) throws(Failure) {
        try self.init(json: Swift.Array(text.utf8)[...], blob: [])
    }

    private init(arrays: [String: Array], values: [String: JSONValue]) {
        (self.arrays, self.values) = (arrays, values)
    }

    private init(json: ArraySlice<UInt8>, blob: ArraySlice<UInt8>) throws(Failure) {
        let members: [String: JSONValue]
        do {
            members = try JSONValue(parsing: Swift.Array(json)).object ?? [:]
        } catch {
            throw Failure(problem: "its keys are no JSON: \(error)")
        }
        var arrays: [String: Array] = [:]
        var values: [String: JSONValue] = [:]
        for (key, value) in members {
            if let array = try Self.array(value, blob: blob, key: key) {
                arrays[key] = array
            } else {
                values[key] = value
            }
        }
        self.init(arrays: arrays, values: values)
    }

    /// An array or number in one of the forms of text that ASE has used; nil for anything else.
    ///
    /// - Throws: ``Failure`` when it has not as many numbers as its shape says.
    public static func array(_ value: JSONValue, key: String) throws(Failure) -> Array? {
        try array(value, blob: [], key: key)
    }

    private static func array(
        _ value: JSONValue, blob: ArraySlice<UInt8>, key: String
    ) throws(Failure) -> Array? {
        guard let parts = value["__ndarray__"]?.array else { return nested(value) }
        guard parts.count == 3, let shape = shape(parts[0]), let type = parts[1].string else {
            throw Failure(problem: "\(quoted(key)) is no sound array")
        }
        // Arrays of texts or complex numbers are nothing to learn from.
        guard let width = widths[type] else { return nil }
        if let offset = parts[2].integer {
            guard offset >= 0, let size = byteCount(shape: shape, width: width), offset <= blob.count,
                size <= blob.count - offset
            else { throw Failure(problem: "\(quoted(key)) of shape \(shape) reaches beyond the end") }
            let start = blob.startIndex + offset
            return Array(shape: shape, values: elements(blob[start..<(start + size)], type, width: width))
        }
        guard let list = nested(parts[2]), byteCount(shape: shape, width: 1) == list.values.count else {
            throw Failure(problem: "\(quoted(key)) has not as many numbers as its shape \(shape) says")
        }
        return Array(shape: shape, values: list.values)
    }

    /// The extents of an array; nil for anything else.
    static func shape(_ value: JSONValue) -> [Int]? {
        guard let extents = value.array?.map(\.integer), extents.allSatisfy({ $0 ?? -1 >= 0 }) else { return nil }
        return extents.compactMap(\.self)
    }

    /// The bytes of an element by its type.
    static let widths = [
        "float64": 8, "float32": 4, "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1,
    ]

    /// The numbers of a range of bytes, little endian, of a type such as `float64`.
    public static func elements(_ bytes: ArraySlice<UInt8>, _ type: String, width: Int) -> [Double] {
        bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / width).map { k in
                func load<Number>(_: Number.Type) -> Number {
                    bytes.loadUnaligned(fromByteOffset: k * width, as: Number.self)
                }
                return switch type {
                case "float64": load(Double.self)
                case "float32": Double(load(Float.self))
                case "int64": Double(load(Int64.self))
                case "int32": Double(load(Int32.self))
                case "int16": Double(load(Int16.self))
                case "int8": Double(load(Int8.self))
                default: Double(load(UInt8.self))
                }
            }
        }
    }

    /// Numbers or truth values in lists of lists; nil for anything else, and for rows of different lengths.
    private static func nested(_ value: JSONValue) -> Array? {
        if let number = value.real { return Array(shape: [], values: [number]) }
        if case .logical(let flag) = value { return Array(shape: [], values: [flag ? 1 : 0]) }
        guard let elements = value.array else { return nil }
        var values: [Double] = []
        var shape: [Int]?
        for element in elements {
            guard let part = nested(element), shape == nil || shape == part.shape else { return nil }
            shape = part.shape
            values += part.values
        }
        return Array(shape: [elements.count] + (shape ?? []), values: values)
    }
}
