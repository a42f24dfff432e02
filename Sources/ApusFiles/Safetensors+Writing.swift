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
        precondition(tensors["__metadata__"] == nil, "a tensor must not be named '__metadata__'")
        let sorted = ElementType.allCases.flatMap { type in
            tensors.filter { $0.value.elementType == type }.sorted { $0.key < $1.key }
        }
        var header: [String] = []
        if !metadata.isEmpty {
            header.append("\"__metadata__\":\(JSONValue.object(metadata.mapValues(JSONValue.string)))")
        }
        var end = 0
        for (name, tensor) in sorted {
            let begin = end
            end += tensor.bytes.count
            let entry = """
                {"dtype":"\(tensor.elementType.rawValue)",\
                "shape":\(JSONValue.array(tensor.shape.map(JSONValue.integer))),\
                "data_offsets":[\(begin),\(end)]}
                """
            header.append("\(JSONValue.string(name)):\(entry)")
        }
        var text = Array("{\(header.joined(separator: ","))}".utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + text.count + end)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        bytes += text
        for (_, tensor) in sorted { bytes += tensor.bytes }
        return bytes
    }
}
