import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Small files that expand without end, and files of a form that is not read.
@Suite struct ExpansionTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let remedy =
        "if the file is meant to be so, set APUS_LIMIT_FACTOR=10 in the environment to allow ten times as much."

    /// Runs a command of the system, which writes to the standard output, and returns the path of what it wrote.
    private func made(_ command: String, _ name: String) throws -> String {
        let path = folder.file(name)
        #expect(system("(\(command)) > '\(path)'") == 0)
        return path
    }

    /// The error of reading a file, in less memory than a limit allows.
    private func refusal(_ path: String) throws -> String {
        apusError { _ = try Dataset.read(path: path) }?.description ?? "accepted"
    }

    /// 60 MB of blanks are 60 kB of gzip and 50 bytes of bzip2; 16 MiB of them are taken before the file is refused.
    @Test(arguments: ["gzip", "bzip2"])
    func emptyLines(program: String) throws {
        let path = try made("head -c 60000000 /dev/zero | tr '\\0' '\\n' | \(program) -9", "a.extxyz.gz")
        let message = try refusal(path)
        #expect(message.contains("expand to more than 16777216 bytes, which data do not; \(Self.remedy)"), "\(message)")
    }

    /// 400 blocks of 128 KiB, each of one byte that is repeated.
    @Test func emptyLinesOfZstd() throws {
        let block: (Bool) -> [UInt8] = { [(1 << 1 | ($0 ? 1 : 0)), 0, 0x10, 0x0a] }
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3] + (1...400).flatMap { block($0 == 400) }
        let message = try refusal(try folder.write(frame, to: "a.extxyz.zst"))
        #expect(message.contains("expand to more than 16777216 bytes, which data do not; \(Self.remedy)"), "\(message)")
    }

    /// 60 streams of 1 MiB of empty lines each.
    @Test func emptyLinesOfXz() throws {
        let stream = try readFile(path: fixture("newlines.xz"))
        let path = try folder.write((0..<60).flatMap { _ in stream }, to: "a.extxyz.xz")
        let message = try refusal(path)
        #expect(message.contains("expand to more than 16777216 bytes, which data do not; \(Self.remedy)"), "\(message)")
    }

    /// What a library must open itself is named, with a command that helps; all else is read.
    @Test(
        .enabled(
            if: system("command -v xz > /dev/null && command -v zstd > /dev/null") == 0,
            "programs that compress are not installed"),
        arguments: [("xz", "xz"), ("zst", "zstd"), ("gz", "gzip"), ("bz2", "bzip2")])
    func compressedFilesOfAllLayouts(ending: String, program: String) throws {
        for (name, count) in [
            ("ase.extxyz", nil), ("md17.npz", nil), ("qm9.tar.bz2", nil), ("qm9/dsgdb9nsd_000001.xyz", 1),
            ("ani1.h5", -1), ("ase.db", -1),
        ] as [(String, Int?)] {
            let path = try made(
                "\(program) -c < '\(fixture(name))'", "\(name.split(separator: "/").last ?? "").\(ending)")
            guard count != -1 else {
                let message = try refusal(path)
                let command = try #require(message.firstMatch(of: /decompress it with: (.*)\.$/)?.output.1)
                #expect(system(String(command)) == 0, "\(message)")
                let unpacked = String(path.dropLast(ending.count + 1))
                #expect(try Dataset.read(path: unpacked).count == Dataset.read(path: fixture(name)).count)
                continue
            }
            guard name != "qm9.tar.bz2" else {
                // Compressed twice is not read.
                #expect(try refusal(path).contains("the format of the file is not known"))
                continue
            }
            #expect(
                try Dataset.read(path: path).configurations.map(\.system).count
                    == Dataset.read(path: fixture(name)).count, "\(path)")
        }
        let archive = try made("bzip2 -dc '\(fixture("qm9.tar.bz2"))' | \(program) -c", "qm9.tar.\(ending)")
        #expect(try Dataset.read(path: archive).count == Dataset.read(path: fixture("qm9.tar.bz2")).count)
    }

    /// An archive of 500 bytes whose table of contents announces 40 MB.
    @Test func archivesThatExpandWithoutEnd() throws {
        var archive = NumpyFile()
        archive.add("z", bytes: [8, 1, 1], shape: [3])
        archive.add("R", [Double](repeating: 0, count: 9), shape: [1, 3, 3])
        var bytes = archive.bytes
        // The last entry of the table, whose unpacked size stands at byte 24.
        let entry = try #require(
            bytes.indices.dropLast(4).last { bytes[$0..<$0 + 4].elementsEqual([0x50, 0x4b, 1, 2]) })
        bytes.replaceSubrange(entry + 24..<entry + 28, with: [0, 0x5a, 0x62, 2])
        let message = try refusal(try folder.write(bytes, to: "a.npz"))
        #expect(
            message.hasSuffix("expand to more than 16777216 bytes, which data do not; \(Self.remedy)"), "\(message)")
    }

    /// What is no format of data is named with a way out.
    @Test func otherArchives() throws {
        let cases: [(name: String, bytes: [UInt8], sentence: String)] = [
            (
                "a.zip", NumpyFile().bytes,
                "this is a zip archive without arrays of NumPy; unpack it with unzip and name a file of it."
            )
        ]
        for (name, bytes, sentence) in cases {
            let path = try folder.write(bytes, to: name)
            #expect(try refusal(path) == "\(path): \(sentence)")
        }
        _ = try folder.write("1\n\nH 0 0 0\n", to: "b.xyz")
        let archive = try made("tar -C '\(folder.path)' -czf - b.xyz", "b.tar.gz")
        #expect(
            try refusal(archive)
                == "\(archive): this is a tar archive, and its files are not those of QM9; unpack it with 'tar -xf' and "
                + "name a file of it.")
    }

    @Test func aLineWithoutEnd() throws {
        let path = try made("head -c 70000000 /dev/zero | tr '\\0' ' '", "a.extxyz")
        #expect(
            try refusal(path)
                == "\(path), line 1: the line has more than 67108864 bytes, which lines of data have not; \(Self.remedy)"
        )
    }

    @Test func byteOrderMarks() throws {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = Array(ExtendedXYZReadingTests.water.utf8)
        let path = try folder.write(mark + text, to: "a.xyz")
        #expect(try Dataset.read(path: path).count == 1)
        let wide = try folder.write([0xff, 0xfe] + text.flatMap { [$0, 0] }, to: "b.xyz")
        #expect(
            try refusal(wide)
                == "\(wide): the text is in UTF-16, as PowerShell's '>' writes it; convert it with: "
                + "iconv -f UTF-16 -t UTF-8 \(wide) > utf8.xyz.")
    }
}
