import Testing

@testable import ApusFiles

/// The digests of FIPS 180-4 and RFC 1321 for the messages printed there.
@Suite struct DigestTests {
    private let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    @Test func sha256() {
        #expect(
            SHA256.hexadecimal(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hexadecimal([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hexadecimal(Array(twoBlocks.utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            SHA256.hexadecimal([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func md5() {
        #expect(MD5.hexadecimal([]) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(MD5.hexadecimal(Array("message digest".utf8)) == "f96b697d7cb7938d525a2f31aaf161d0")
        let digits = String(repeating: "1234567890", count: 8)
        #expect(MD5.hexadecimal(Array(digits.utf8)) == "57edf4a22be3c955ac49da2e2107b67a")
    }

    /// The check value in catalogues of checksums, the sum of no bytes, and that of 2⁸ bytes by zlib's `crc32`.
    @Test func crc32() {
        func sum(_ bytes: [UInt8], from start: Int = 0) -> UInt32 {
            var sum = CRC32()
            for part in [bytes[..<start], bytes[start...]] { part.withUnsafeBytes { sum.update($0) } }
            return sum.value
        }
        #expect(sum(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(sum([]) == 0)
        // Cut anywhere: whole words begin at any place of the memory and leave any number of bytes.
        for start in 0...256 { #expect(sum(Array(0...255), from: start) == 0x2905_8c73) }
    }

    /// Pieces of every length around the size of a block give what the whole gives.
    @Test func piecesMakeNoDifference() {
        let message = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for size in [1, 7, 63, 64, 65, 128, 200] {
            var sha = SHA256()
            for start in stride(from: 0, to: message.count, by: size) {
                sha.update(Array(message[start..<min(start + size, message.count)]))
            }
            #expect(sha.hexadecimal() == SHA256.hexadecimal(message))
        }
    }
}
