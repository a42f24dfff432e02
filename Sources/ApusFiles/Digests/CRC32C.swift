/// The CRC-32C checksum (Castagnoli's polynomial 0x1EDC6F41, reflected) of RFC 3720, which record files carry.
struct CRC32C: Sendable {
    private(set) var value: UInt32

    /// Sums up some bytes.
    init(_ bytes: some Sequence<UInt8>) {
        value = ~bytes.reduce(~0) { sum, byte in Self.table[Int((sum ^ UInt32(byte)) & 0xff)] ^ sum >> 8 }
    }

    /// The form that TensorFlow's record files hold, so that a sum over data that contain sums stays meaningful:
    /// rotated by 15 bits, plus a constant.
    var masked: UInt32 { (value >> 15 | value << 17) &+ 0xa282_ead8 }

    /// The remainders of all bytes.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? 0x82f6_3b78 : 0) }
    }
}
