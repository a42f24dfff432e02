import Testing

@testable import ApusFiles

/// Everything that a stream still has.
func all(_ stream: any ByteStream) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while case let part = try stream.bytes(1000), !part.isEmpty { bytes += part }
    return bytes
}

@Suite struct StreamTests {
    @Test(arguments: ["ase.extxyz.gz", "ase.extxyz.bz2", "ase.extxyz"])
    func compressedFilesReadAsTheirContent(name: String) throws {
        #expect(try all(openByteStream(path: fixture(name))) == readFile(path: fixture("ase.extxyz")))
    }

    @Test func membersAreJoined() throws {
        let text = try readFile(path: fixture("ase.extxyz"))
        let gzip = try readFile(path: fixture("ase.extxyz.gz"))
        #expect(try all(GzipStream(MemoryStream(gzip + gzip + [0, 0]), file: "")) == text + text)
        let bzip2 = try readFile(path: fixture("ase.extxyz.bz2"))
        #expect(try all(Bzip2Stream(MemoryStream(bzip2 + bzip2), file: "")) == text + text)
    }

    @Test func damage() throws {
        let gzip = try readFile(path: fixture("ase.extxyz.gz"))
        let bzip2 = try readFile(path: fixture("ase.extxyz.bz2"))
        let truncated = apusError { _ = try all(GzipStream(MemoryStream(Array(gzip.dropLast(20))), file: "a.gz")) }
        #expect(
            truncated?.description
                == "a.gz: the gzip data end too early; the file is truncated; copy or download it again.")
        let cut = apusError { _ = try all(Bzip2Stream(MemoryStream(Array(bzip2.dropLast(20))), file: "a.bz2")) }
        #expect(cut?.problem == "the bzip2 data end too early; the file is truncated")
        for (bytes, open) in [
            (gzip, { GzipStream(MemoryStream($0), file: "") as any ByteStream }),
            (bzip2, { Bzip2Stream(MemoryStream($0), file: "") }),
        ] {
            var flipped = bytes
            flipped[bytes.count / 2] ^= 0x40
            #expect(apusError { _ = try all(open(flipped)) }?.kind == .data)
            for variant in damagedVariants(of: bytes) { _ = try? all(open(variant)) }
        }
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

    @Test(arguments: ["ustar.tar", "gnu.tar.bz2", "pax.tar.bz2"]) func tar(name: String) throws {
        let archive = try TarArchive(reading: fixture(name))
        var members: [String: Int] = [:]
        while let member = try archive.next() { members[member.name] = member.bytes.count }
        let long = String(repeating: "folder/", count: 20) + "long.txt"
        #expect(members == ["short.txt": 4, long: 1000, "empty.txt": 0])
    }

    @Test func damagedTar() throws {
        let bytes = try readFile(path: fixture("ustar.tar"))
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
