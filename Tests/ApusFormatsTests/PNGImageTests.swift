import ApusFiles
import Testing

@testable import ApusFormats

@Suite struct PNGImageTests {
    private let palette: [SIMD3<UInt8>] = [SIMD3(255, 255, 255), SIMD3(1, 2, 3)]

    /// The parts of a file by name, whose checksums are right.
    private func parts(_ bytes: [UInt8]) throws -> [(name: String, content: [UInt8])] {
        func number(_ position: Int) -> Int { bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) } }
        #expect(bytes.prefix(8).elementsEqual([0x89] + Array("PNG\r\n\u{1a}\n".utf8)))
        var parts: [(String, [UInt8])] = []
        var position = 8
        while position < bytes.count {
            let end = position + 8 + number(position)
            var sum = CRC32()
            bytes[position + 4..<end].withUnsafeBytes { sum.update($0) }
            #expect(number(end) == Int(sum.value))
            parts.append(
                (String(decoding: bytes[position + 4..<position + 8], as: UTF8.self), Array(bytes[position + 8..<end])))
            position = end + 4
        }
        return parts
    }

    /// The end of every PNG file, with the checksum that ISO/IEC 15948 leads to.
    @Test func theEndIsThatOfEveryFile() {
        let bytes = PNGImage(width: 1, height: 1, palette: palette, pixels: [1]).bytes
        #expect(bytes.suffix(12).elementsEqual([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]))
    }

    /// Pixels come back by way of gzip, whose stream differs from zlib's in what stands before and after.
    @Test func pixelsComeBack() throws {
        let (width, height) = (300, 2)
        let pixels = (0..<width * height).map { UInt8($0 % 7 == 0 ? 1 : 0) }
        let parts = try parts(PNGImage(width: width, height: height, palette: palette, pixels: pixels).bytes)
        #expect(parts.map(\.name) == ["IHDR", "PLTE", "IDAT", "IEND"])
        #expect(parts[0].content == [0, 0, 1, 44, 0, 0, 0, 2, 8, 3, 0, 0, 0])
        #expect(parts[1].content == [255, 255, 255, 1, 2, 3])
        let rows = [0] + pixels[..<width] + [0] + pixels[width...]
        var sum = CRC32()
        rows.withUnsafeBytes { sum.update($0) }
        let gzip =
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + parts[2].content.dropFirst(2).dropLast(4)
            + littleEndianBytes(sum.value) + littleEndianBytes(UInt32(rows.count))
        #expect(try all(DecompressedStream(MemoryStream(gzip), .gzip, file: "")) == rows)
    }
}
