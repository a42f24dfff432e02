extension Safetensors {
    /// The CRC-32 of metadata, names, shapes and elements, in a fixed order.
    public func checksum() -> UInt32 {
        var checksum = CRC32()
        func add(_ text: String) { Array((text + "\0").utf8).withUnsafeBytes { checksum.update($0) } }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            add(key)
            add(value)
        }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            add("\(name) \(tensor.elementType.rawValue) \(tensor.shape)")
            tensor.bytes.withUnsafeBytes { checksum.update($0) }
        }
        return checksum.value
    }
}
