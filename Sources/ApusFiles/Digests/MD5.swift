#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The MD5 digest of bytes that come in pieces (RFC 1321), with which data sets are published; it protects against
/// damage, not against forgery.
public struct MD5: Sendable {
    private var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    private var blocks = DigestBlocks()

    /// The digest of nothing, to which bytes are added.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        blocks.append(bytes) { Self.compress($0, &state) }
    }

    /// The digest of everything added, in 32 hexadecimal digits.
    public consuming func hexadecimal() -> String {
        blocks.finish(bigEndianLength: false) { Self.compress($0, &state) }
        return hexadecimalText(state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    }

    /// The digest of some bytes, in 32 hexadecimal digits.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        var digest = MD5()
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.hexadecimal()
    }

    private static func compress(_ block: UnsafeRawPointer, _ state: inout [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for t in 0..<64 {
            let (mixed, word): (UInt32, Int) =
                switch t / 16 {
                case 0: ((b & c) | (~b & d), t)
                case 1: ((d & b) | (~d & c), (5 * t + 1) % 16)
                case 2: (b ^ c ^ d, (3 * t + 5) % 16)
                default: (c ^ (b | ~d), 7 * t % 16)
                }
            let value = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self))
            let sum = a &+ mixed &+ constants[t] &+ value
            let bits = shifts[t / 16][t % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << bits | sum >> (32 - bits)))
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
    }

    private static let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
    /// ⌊2³² |sin(t + 1)|⌋.
    private static let constants: [UInt32] = (1...64).map { UInt32(abs(sin(Double($0))) * 4_294_967_296) }
}
