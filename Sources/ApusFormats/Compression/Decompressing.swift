import ApusFiles

/// Opens a file for reading from front to back; compressed files are decompressed on the way, see ``Compression``.
///
/// - Throws: ``ApusError`` of kind `missingInput` or `io`.
func openByteStream(path: String) throws -> any ByteStream {
    let file = try FileStream(path: path)
    guard let compression = Compression(start: try file.peek(Compression.markLength)) else { return file }
    return DecompressedStream(file, compression, file: path)
}

/// The first bytes of what a compressed file expands to, or of any other file itself.
///
/// - Throws: ``ApusError`` of kind `missingInput` or `io`, or `data` when a compressed file is damaged.
public func firstDecompressedBytes(of path: String, count: Int) throws -> [UInt8] {
    try openByteStream(path: path).bytes(count)
}

/// All bytes of what a compressed file expands to, or of any other file itself.
///
/// - Throws: ``ApusError`` of kind `missingInput` or `io`, or `data` when a compressed file is damaged.
public func readDecompressedFile(path: String) throws -> [UInt8] {
    let stream = try openByteStream(path: path)
    var bytes: [UInt8] = []
    while case let part = try stream.bytes(1 << 20), !part.isEmpty { bytes += part }
    return bytes
}
