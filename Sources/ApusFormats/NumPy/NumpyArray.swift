import ApusFiles

/// An array of a NumPy file: shape, element type and elements in row-major order.
///
/// Either byte order and either memory order are read; the accessors give elements with the last index fastest.
public struct NumpyArray: Sendable {
    /// The element types that are read.
    public enum ElementType: Sendable, Equatable {
        /// Floating point of 4 or 8 bytes.
        case real(width: Int)
        /// Signed integer of 1, 2, 4 or 8 bytes.
        case integer(width: Int)
        /// Unsigned integer of 1, 2, 4 or 8 bytes.
        case unsigned(width: Int)
        /// One byte, 0 or 1.
        case logical
        /// Text of a fixed number of bytes, NumPy's `S`.
        case bytes(count: Int)
        /// Text of a fixed number of Unicode scalars, NumPy's `U`.
        case unicode(count: Int)

        /// The size of an element in bytes.
        public var width: Int {
            switch self {
            case .real(let width), .integer(let width), .unsigned(let width): width
            case .logical: 1
            case .bytes(let count): count
            case .unicode(let count): 4 * count
            }
        }

        fileprivate var name: String {
            switch self {
            case .real: "real numbers"
            case .integer, .unsigned: "integers"
            case .logical: "booleans"
            case .bytes, .unicode: "strings"
            }
        }
    }

    /// The extents, slowest first; empty for a scalar.
    public let shape: [Int]
    /// The element type.
    public let elementType: ElementType
    /// The elements in little-endian, row-major form.
    let bytes: [UInt8]
    let file: String
    /// The name in the archive; nil for a file of its own.
    let name: String?

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The elements of an array of reals or integers, or of booleans as ones and zeros.
    ///
    /// - Throws: ``ApusError`` when the elements are none of these.
    public func doubles() throws -> [Double] {
        switch elementType {
        case .real(width: 4): elements(of: UInt32.self).map { Double(Float(bitPattern: $0)) }
        case .real: elements(of: UInt64.self).map { Double(bitPattern: $0) }
        case .unsigned(width: 8): elements(of: UInt64.self).map { Double($0) }
        case .integer, .unsigned: try integers().map { Double($0) }
        case .logical: try logicals().map { $0 ? 1 : 0 }
        default: throw mismatch("real numbers")
        }
    }

    /// The elements of an array of integers.
    ///
    /// - Throws: ``ApusError`` when the elements are not integers, or do not fit into 64 bits with sign.
    public func integers() throws -> [Int] {
        switch elementType {
        case .integer(width: 1): return elements(of: Int8.self).map { Int($0) }
        case .integer(width: 2): return elements(of: Int16.self).map { Int($0) }
        case .integer(width: 4): return elements(of: Int32.self).map { Int($0) }
        case .integer: return elements(of: Int64.self).map { Int($0) }
        case .unsigned(width: 1): return elements(of: UInt8.self).map { Int($0) }
        case .unsigned(width: 2): return elements(of: UInt16.self).map { Int($0) }
        case .unsigned(width: 4): return elements(of: UInt32.self).map { Int($0) }
        case .unsigned:
            return try elements(of: UInt64.self).map {
                guard let value = Int(exactly: $0) else { throw failure("the value \($0) is too large") }
                return value
            }
        default: throw mismatch("integers")
        }
    }

    /// The elements of an array of booleans.
    ///
    /// - Throws: ``ApusError`` when the elements are not booleans.
    public func logicals() throws -> [Bool] {
        guard case .logical = elementType else { throw mismatch("booleans") }
        return bytes.map { $0 != 0 }
    }

    /// The elements of an array of strings, without the zeros that fill them up.
    ///
    /// - Throws: ``ApusError`` when the elements are not strings, or not valid text.
    public func strings() throws -> [String] {
        let width = elementType.width
        switch elementType {
        case .bytes:
            return try (0..<count).map { index in
                let text = bytes[(index * width)..<((index + 1) * width)]
                let end = text.lastIndex { $0 != 0 }.map { $0 + 1 } ?? text.startIndex
                guard let string = String(validating: text[..<end], as: UTF8.self) else {
                    throw failure("element \(index) is not valid UTF-8")
                }
                return string
            }
        case .unicode(let length):
            let units = elements(of: UInt32.self)
            return try (0..<count).map { index in
                let text = units[(index * length)..<((index + 1) * length)]
                let end = text.lastIndex { $0 != 0 }.map { $0 + 1 } ?? text.startIndex
                var string = String.UnicodeScalarView()
                for unit in text[..<end] {
                    guard let scalar = Unicode.Scalar(unit) else { throw failure("element \(index) is not valid text") }
                    string.append(scalar)
                }
                return String(string)
            }
        default: throw mismatch("strings")
        }
    }

    private func elements<Element: FixedWidthInteger>(of type: Element.Type) -> [Element] {
        bytes.withUnsafeBytes { buffer in
            (0..<buffer.count / MemoryLayout<Element>.size).map {
                Element(
                    littleEndian: buffer.loadUnaligned(
                        fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self))
            }
        }
    }

    private func mismatch(_ wanted: String) -> ApusError {
        failure("it holds \(elementType.name) where \(wanted) are needed")
    }

    private func failure(_ problem: String) -> ApusError {
        ApusError(.data, file: file, place: name.map { "array \(quoted($0))" }, problem: problem)
    }
}
