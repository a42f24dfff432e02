import ApusSystem

extension Safetensors {
    /// The element types of the format, in the order in which tensors are written.
    public enum ElementType: String, Sendable, CaseIterable {
        /// Unsigned integer of 64 bits.
        case u64 = "U64"
        /// Signed integer of 64 bits.
        case i64 = "I64"
        /// IEEE floating point of 64 bits.
        case f64 = "F64"
        /// IEEE floating point of 32 bits.
        case f32 = "F32"
        /// Unsigned integer of 32 bits.
        case u32 = "U32"
        /// Signed integer of 32 bits.
        case i32 = "I32"
        /// Floating point of 16 bits with the exponent range of 32.
        case bf16 = "BF16"
        /// IEEE floating point of 16 bits.
        case f16 = "F16"
        /// Unsigned integer of 16 bits.
        case u16 = "U16"
        /// Signed integer of 16 bits.
        case i16 = "I16"
        /// Floating point of 8 bits, 4 of them exponent.
        case f8e4m3 = "F8_E4M3"
        /// Floating point of 8 bits, 5 of them exponent.
        case f8e5m2 = "F8_E5M2"
        /// Signed integer of 8 bits.
        case i8 = "I8"
        /// Unsigned integer of 8 bits.
        case u8 = "U8"
        /// One byte, 0 or 1.
        case bool = "BOOL"

        /// The size of an element in bytes.
        public var width: Int {
            switch self {
            case .f64, .i64, .u64: 8
            case .f32, .i32, .u32: 4
            case .f16, .bf16, .i16, .u16: 2
            case .f8e5m2, .f8e4m3, .i8, .u8, .bool: 1
            }
        }
    }

    /// A tensor: its shape and its little-endian elements in row-major order.
    public struct Tensor: Sendable, Equatable {
        /// The element type.
        public let elementType: ElementType
        /// The extents, slowest first; empty for a scalar.
        public let shape: [Int]
        /// The elements as stored.
        public let bytes: ArraySlice<UInt8>

        init(elementType: ElementType, shape: [Int], bytes: ArraySlice<UInt8>) {
            self.elementType = elementType
            self.shape = shape
            self.bytes = bytes
        }

        /// A tensor of type F64.
        public init(_ values: [Double], shape: [Int]) {
            self.init(.f64, values.map(\.bitPattern), shape: shape)
        }

        /// A tensor of type F32.
        public init(_ values: [Float], shape: [Int]) {
            self.init(.f32, values.map(\.bitPattern), shape: shape)
        }

        /// A tensor of type I64.
        public init(_ values: [Int], shape: [Int]) {
            self.init(.i64, values.map(Int64.init), shape: shape)
        }

        /// A tensor of type I32.
        public init(_ values: [Int32], shape: [Int]) {
            self.init(.i32, values, shape: shape)
        }

        /// A tensor of type U8.
        public init(_ values: [UInt8], shape: [Int]) {
            self.init(.u8, values, shape: shape)
        }

        private init<Element: FixedWidthInteger>(_ type: ElementType, _ values: [Element], shape: [Int]) {
            require(
                shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
                "\(values.count) elements do not fill the shape \(shape)")
            let littleEndian = values.map(\.littleEndian)
            self.init(elementType: type, shape: shape, bytes: littleEndian.withUnsafeBytes { ArraySlice($0) })
        }

        /// The elements as integers of their width.
        func elements<Element: FixedWidthInteger>(of type: Element.Type) -> [Element] {
            bytes.withUnsafeBytes { buffer in
                (0..<buffer.count / MemoryLayout<Element>.size).map {
                    Element(
                        littleEndian: buffer.loadUnaligned(
                            fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self))
                }
            }
        }
    }
}
