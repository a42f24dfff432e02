extension Safetensors {
    /// The CRC-32 of metadata, names, shapes and elements, in a fixed order.
    public func checksum() -> UInt32 {
        var checksum = CRC32()
        forEachPart { checksum.update($0) }
        return checksum.value
    }

    /// The SHA-256 digest of metadata, names, shapes and elements in a fixed order, in 64 hexadecimal digits.
    ///
    /// It is that of the content: any library may write the file again in another order.
    public func digest() -> String {
        var digest = SHA256()
        forEachPart { digest.update($0) }
        return digest.hexadecimal()
    }

    private func forEachPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        func add(_ text: String) { Array((text + "\0").utf8).withUnsafeBytes(body) }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            add(key)
            add(value)
        }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            add("\(name) \(tensor.elementType.rawValue) \(tensor.shape)")
            tensor.bytes.withUnsafeBytes(body)
        }
    }
}
