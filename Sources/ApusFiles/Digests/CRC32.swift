/// The CRC-32 checksum of zip files (ISO 3309, polynomial 0x04C11DB7 reflected), of bytes that come in pieces.
package struct CRC32: Sendable {
    /// The sum of the bytes so far.
    package private(set) var value: UInt32 = 0

    /// The sum of no bytes.
    package init() {}

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) { value = Self.tables.sum(value, bytes) }

    private static let tables = ChecksumTables(polynomial: 0xedb8_8320)
}

/// The CRC-32C checksum (Castagnoli's polynomial 0x1EDC6F41, reflected) of RFC 3720, which record files carry.
struct CRC32C: Sendable {
    let value: UInt32

    /// Sums up some bytes.
    init(_ bytes: [UInt8]) {
        value = bytes.withUnsafeBytes { Self.tables.sum(0, $0) }
    }

    /// The form that TensorFlow's record files hold, so that a sum over data that contain sums stays meaningful:
    /// rotated by 15 bits, plus a constant.
    var masked: UInt32 { (value >> 15 | value << 17) &+ 0xa282_ead8 }

    private static let tables = ChecksumTables(polynomial: 0x82f6_3b78)
}
