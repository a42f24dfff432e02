import CZlib

/// The CRC-32 checksum of zip files, of bytes that come in pieces.
struct CRC32: Sendable {
    private(set) var value = UInt32(crc32(0, nil, 0))

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var done = 0
        while done < bytes.count {
            let part = min(bytes.count - done, 1 << 30)
            value = UInt32(crc32(UInt(value), start + done, UInt32(part)))
            done += part
        }
    }
}
