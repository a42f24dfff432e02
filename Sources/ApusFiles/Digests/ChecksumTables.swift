/// Reflected cyclic redundancy checks of 32 bits, eight bytes at a time ("slicing by eight": M. E. Kounavis and
/// F. L. Berry, IEEE Trans. Comput. 57, 1550 (2008), doi 10.1109/TC.2008.85).
struct ChecksumTables: Sendable {
    /// Eight tables of 256 remainders; table k is that of a byte with k bytes of zero behind it.
    private let remainders: [UInt32]

    /// - Parameter polynomial: The coefficients below x³², that of x³¹ in the lowest bit.
    init(polynomial: UInt32) {
        var remainders = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? polynomial : 0) }
        }
        for index in 256..<8 * 256 {
            let before = remainders[index - 256]
            remainders.append(before >> 8 ^ remainders[Int(before & 0xff)])
        }
        self.remainders = remainders
    }

    /// The checksum of bytes that follow others with the checksum `sum`, 0 for none.
    func sum(_ sum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        remainders.withUnsafeBufferPointer { table in
            var sum = ~sum
            var position = 0
            while position + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let mixed = word ^ UInt64(sum)
                sum = 0
                for k in 0..<8 {
                    sum ^= table[(7 - k) * 256 + Int(truncatingIfNeeded: mixed >> UInt64(8 * k) & 0xff)]
                }
                position += 8
            }
            for byte in bytes[position...] { sum = sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xff)] }
            return ~sum
        }
    }
}
