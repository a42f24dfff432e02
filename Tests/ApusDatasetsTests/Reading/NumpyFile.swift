/// Writes npz files for tests: uncompressed, little-endian.
struct NumpyFile {
    private var body: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    mutating func add(_ name: String, _ values: [Double], shape: [Int]) {
        add(name, type: "<f8", shape: shape, values.flatMap { littleEndian($0.bitPattern) })
    }

    mutating func add(_ name: String, bytes: [UInt8], shape: [Int]) {
        add(name, type: "|u1", shape: shape, bytes)
    }

    mutating func add(_ name: String, flags: [Bool], shape: [Int]) {
        add(name, type: "|b1", shape: shape, flags.map { $0 ? 1 : 0 })
    }

    mutating func add(_ name: String, _ text: String) {
        let scalars = Array(text.unicodeScalars)
        add(name, type: "<U\(scalars.count)", shape: [], scalars.flatMap { littleEndian($0.value) })
    }

    private mutating func add(_ name: String, type: String, shape: [Int], _ data: [UInt8]) {
        let extents = shape.map { "\($0)," }.joined(separator: " ")
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }\n"
        let array =
            [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(UInt16(header.utf8.count)) + Array(header.utf8) + data
        let fileName = Array("\(name).npy".utf8)
        let size = littleEndian(UInt32(array.count))
        let common =
            [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0] + littleEndian(checksum(array)) + size + size
            + littleEndian(UInt16(fileName.count)) + [0, 0]
        directory += [0x50, 0x4b, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
        directory += littleEndian(UInt32(body.count)) + fileName
        body += [0x50, 0x4b, 3, 4] + common + fileName + array
        count += 1
    }

    var bytes: [UInt8] {
        let entries = littleEndian(UInt16(count))
        return body + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + entries + entries
            + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(body.count)) + [0, 0]
    }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The CRC-32 of a zip file, bit by bit.
private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
        remainder ^= UInt32(byte)
        for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~remainder
}
