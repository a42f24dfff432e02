import ApusSystem

extension Safetensors {
    /// Writes a file atomically.
    ///
    /// - Throws: ``ApusError`` of kind `io` when writing fails.
    public func write(to path: String) throws {
        try writeFileAtomically(path: path, bytes: serialized())
    }

    /// The bytes of the file, the same for equal content.
    ///
    /// Tensors are sorted by element type, widest first, then by name, and the header is padded with spaces to a
    /// multiple of 8, so that all data are aligned. The original library writes the same bytes.
    public func serialized() -> [UInt8] {
        require(tensors["__metadata__"] == nil, "a tensor must not be named '__metadata__'")
        let sorted = ElementType.allCases.flatMap { type in
            tensors.filter { $0.value.elementType == type }.sorted { $0.key < $1.key }
        }
        let text = Self.header(
            metadata: metadata,
            tensors: sorted.map { ($0.key, $0.value.elementType, $0.value.shape, $0.value.bytes.count) })
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + sorted.reduce(0) { $0 + $1.value.bytes.count })
        bytes += text
        for (_, tensor) in sorted { bytes += tensor.bytes }
        return bytes
    }

    /// The length and the header of a file whose tensors have these types, shapes and sizes in bytes.
    static func header(
        metadata: [String: String], tensors: [(name: String, type: ElementType, shape: [Int], size: Int)]
    ) -> [UInt8] {
        var header: [String] = []
        if !metadata.isEmpty {
            header.append("\"__metadata__\":\(JSONValue.object(metadata.mapValues(JSONValue.string)))")
        }
        var end = 0
        for tensor in tensors {
            let begin = end
            end += tensor.size
            let entry = """
                {"dtype":"\(tensor.type.rawValue)",\
                "shape":\(JSONValue.array(tensor.shape.map(JSONValue.integer))),\
                "data_offsets":[\(begin),\(end)]}
                """
            header.append("\(JSONValue.string(tensor.name)):\(entry)")
        }
        var text = Array("{\(header.joined(separator: ","))}".utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    }
}
