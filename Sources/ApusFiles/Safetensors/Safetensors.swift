/// The content of a safetensors file: named tensors in row-major order, and metadata of strings.
///
/// The layout is 8 bytes of little-endian header length, a JSON header, and the bytes of all tensors without gaps
/// (https://huggingface.co/docs/safetensors).
public struct Safetensors: Sendable, Equatable {
    /// Free text by key, `__metadata__` in the file.
    public var metadata: [String: String]
    /// The tensors by name.
    public var tensors: [String: Tensor]
    /// The file it was read from, for messages.
    let file: String?

    /// Creates the content of a file to be written.
    public init(metadata: [String: String] = [:], tensors: [String: Tensor] = [:]) {
        self.metadata = metadata
        self.tensors = tensors
        self.file = nil
    }

    init(metadata: [String: String], tensors: [String: Tensor], file: String) {
        self.metadata = metadata
        self.tensors = tensors
        self.file = file
    }

    /// Whether metadata and tensors are equal; the origin does not count.
    public static func == (left: Safetensors, right: Safetensors) -> Bool {
        left.metadata == right.metadata && left.tensors == right.tensors
    }

    /// The tensor with this name.
    ///
    /// - Throws: ``ApusError`` when there is none.
    public func tensor(_ name: String) throws -> Tensor {
        guard let tensor = tensors[name] else { throw failure(name, "there is no such tensor") }
        return tensor
    }

    /// The elements of an F64, F32, I64, I32 or U8 tensor as `Double`.
    ///
    /// - Throws: ``ApusError`` when the tensor is missing or of another type.
    public func doubles(_ name: String) throws -> [Double] {
        let tensor = try tensor(name)
        switch tensor.elementType {
        case .f64: return tensor.elements(of: UInt64.self).map { Double(bitPattern: $0) }
        case .f32: return tensor.elements(of: UInt32.self).map { Double(Float(bitPattern: $0)) }
        default: return try integers(name).map { Double($0) }
        }
    }

    /// The elements of an F64, F32, I64, I32 or U8 tensor as `Float`, rounded where necessary.
    ///
    /// - Throws: ``ApusError`` when the tensor is missing or of another type.
    public func floats(_ name: String) throws -> [Float] {
        let tensor = try tensor(name)
        switch tensor.elementType {
        case .f64: return tensor.elements(of: UInt64.self).map { Float(Double(bitPattern: $0)) }
        case .f32: return tensor.elements(of: UInt32.self).map { Float(bitPattern: $0) }
        default: return try integers(name).map { Float($0) }
        }
    }

    /// The elements of an I64, I32 or U8 tensor.
    ///
    /// - Throws: ``ApusError`` when the tensor is missing or of another type.
    public func integers(_ name: String) throws -> [Int] {
        let tensor = try tensor(name)
        switch tensor.elementType {
        case .i64: return tensor.elements(of: Int64.self).map { Int($0) }
        case .i32: return tensor.elements(of: Int32.self).map { Int($0) }
        case .u8: return tensor.elements(of: UInt8.self).map { Int($0) }
        default:
            throw failure(name, "the element type is \(tensor.elementType.rawValue), which does not fit here")
        }
    }

    private func failure(_ name: String, _ problem: String) -> ApusError {
        ApusError(.data, file: file, place: "tensor \(quoted(name))", problem: problem)
    }
}
