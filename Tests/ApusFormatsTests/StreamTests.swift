import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

/// Everything that a stream still has.
func all(_ stream: any ByteStream) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while case let part = try stream.bytes(1000), !part.isEmpty { bytes += part }
    return bytes
}

@Suite struct StreamTests {
    @Test(arguments: ["ase.extxyz.gz", "ase.extxyz.bz2", "ase.extxyz.xz", "ase.extxyz.zst", "ase.extxyz"])
    func compressedFilesReadAsTheirContent(name: String) throws {
        let content = try readFile(path: fileFixture("ase.extxyz"))
        #expect(try all(openByteStream(path: fileFixture(name))) == content)
        #expect(try readDecompressedFile(path: fileFixture(name)) == content)
        #expect(try firstDecompressedBytes(of: fileFixture(name), count: 10) == Array(content.prefix(10)))
    }

    static let compressed: [(compression: Compression, name: String)] = [
        (.gzip, "ase.extxyz.gz"), (.bzip2, "ase.extxyz.bz2"), (.xz, "ase.extxyz.xz"), (.zstd, "ase.extxyz.zst"),
    ]

    private func unpacked(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
        try all(DecompressedStream(MemoryStream(bytes), compression, file: "a"))
    }

    @Test(arguments: compressed) func members(compression: Compression, name: String) throws {
        let text = try readFile(path: fileFixture("ase.extxyz"))
        let bytes = try readFile(path: fileFixture(name))
        #expect(Compression(start: bytes) == compression)
        #expect(try unpacked(bytes + bytes, compression) == text + text)
        // xz fills up to multiples of four bytes, others write zeros at the end.
        #expect(try unpacked(bytes + [0, 0, 0, 0] + bytes + [0, 0], compression) == text + text)
    }

    /// Output that is larger than what the library keeps, in pieces of all sizes.
    @Test(arguments: [1, 7, 1 << 16, 1 << 21]) func pieces(size: Int) throws {
        let stream = DecompressedStream(
            MemoryStream(try readFile(path: fileFixture("lines.txt.zst"))), .zstd, file: "lines.txt.zst")
        var bytes: [UInt8] = []
        while case let part = try stream.bytes(size), !part.isEmpty { bytes += part }
        #expect(bytes == (0..<30_000).flatMap { Array("line \($0)\n".utf8) })
    }

    @Test(arguments: compressed) func damage(compression: Compression, name: String) throws {
        let bytes = try readFile(path: fileFixture(name))
        let cut = apusError { _ = try unpacked(Array(bytes.dropLast(20)), compression) }
        #expect(
            cut?.description
                == "a: the \(compression.name) data end too early; the file is truncated; copy or download it again.")
        // Every bit of the content is covered by a checksum.
        for place in [bytes.count / 2, bytes.count / 3] {
            var flipped = bytes
            flipped[place] ^= 0x40
            let error = apusError { _ = try unpacked(flipped, compression) }
            #expect(error?.problem.hasPrefix("the \(compression.name) data ") == true, "\(place)")
        }
        for variant in damagedVariants(of: bytes) { _ = try? unpacked(variant, compression) }
    }

    /// Small files that ask for gigabytes of memory to be unpacked.
    @Test func windows() throws {
        let sentence = { (name: String) in
            "a: the \(name) data need more than 134217728 bytes of memory to be unpacked; "
                + "if the file is meant to be so, set APUS_LIMIT_FACTOR=10 in the environment to allow ten times as much."
        }
        // A frame with a window of 2 GiB and one block of two bytes as they are.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, (31 - 10) << 3, 2 << 3 | 1, 0, 0, 0x61, 0x62]
        #expect(apusError { _ = try unpacked(frame, .zstd) }?.description == sentence("zstd"))
        var small = frame
        small[5] = (20 - 10) << 3
        #expect(try unpacked(small, .zstd) == Array("ab".utf8))
        // The size of the dictionary stands in byte 16, the checksum of the header of the block in bytes 20 to 23.
        var bytes = try readFile(path: fileFixture("ase.extxyz.xz"))
        bytes[16] = 40
        var checksum = CRC32()
        bytes[12..<20].withUnsafeBytes { checksum.update($0) }
        for byte in 0..<4 { bytes[20 + byte] = UInt8(truncatingIfNeeded: checksum.value >> (8 * byte)) }
        #expect(apusError { _ = try unpacked(bytes, .xz) }?.description == sentence("xz"))
    }

    @Test func commands() {
        #expect(Compression.gzip.unpackingCommand("a.h5.gz") == "gzip -dc a.h5.gz > a.h5")
        #expect(Compression.zstd.unpackingCommand("my data") == "zstd -dc 'my data' > 'my data.unpacked'")
        #expect(Compression(start: Array("abc".utf8)) == nil)
        #expect(Compression(start: [] as [UInt8]) == nil)
    }

    /// Lines across the border of a block, a line longer than a block, and a last line without an end.
    @Test(arguments: [1, 2, 3, 5, 16, 1000]) func lines(blockSize: Int) throws {
        let text = " one \n\n\ttwo\r\n" + String(repeating: "x", count: 40) + "\nlast"
        var reader = LineReader(MemoryStream(Array(text.utf8)), blockSize: blockSize)
        var lines: [String] = []
        while let range = try reader.next() { lines.append(String(decoding: reader.bytes[range], as: UTF8.self)) }
        #expect(lines == ["one", "", "two", String(repeating: "x", count: 40), "last"])
        #expect(reader.line == 5)
    }

    @Test(arguments: ["ustar.tar", "gnu.tar.bz2", "pax.tar.bz2", "pax.tar.xz", "pax.tar.zst"]) func tar(name: String)
        throws
    {
        let archive = try TarArchive(reading: fileFixture(name))
        var members: [String: Int] = [:]
        while let member = try archive.next() { members[member.name] = member.bytes.count }
        let long = String(repeating: "folder/", count: 20) + "long.txt"
        #expect(members == ["short.txt": 4, long: 1000, "empty.txt": 0])
    }

    @Test func damagedTar() throws {
        let bytes = try readFile(path: fileFixture("ustar.tar"))
        func read(_ bytes: [UInt8]) throws {
            let archive = TarArchive(MemoryStream(bytes), file: "a.tar")
            while try archive.next() != nil {}
        }
        #expect(
            apusError { try read(Array(bytes[..<1300])) }?.description
                == "a.tar: this is no sound tar archive: it ends inside of the member 'short.txt'; the file is truncated."
        )
        var flipped = bytes
        flipped[3] ^= 1
        #expect(
            apusError { try read(flipped) }?.problem
                == "this is no sound tar archive: a header is damaged, its checksum is wrong")
        for variant in damagedVariants(of: bytes) { try? read(variant) }
    }
}
