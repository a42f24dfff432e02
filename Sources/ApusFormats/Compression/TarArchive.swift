import ApusFiles

/// The files of a tar archive one after the other (POSIX ustar and pax, GNU long names), compressed or not.
public final class TarArchive {
    /// A file of the archive.
    public struct Member: Sendable {
        /// The path in the archive.
        public let name: String
        /// The content.
        public let bytes: [UInt8]
    }

    private let stream: any ByteStream
    private let file: String
    /// No member may be larger, in bytes: archives of single molecules hold small files.
    private let maximumSize: Int

    /// Opens an archive, which may be compressed, see ``Compression``.
    ///
    /// - Throws: ``ApusError`` when it cannot be opened.
    public convenience init(reading path: String, maximumSize: Int = 1 << 26) throws {
        self.init(try openByteStream(path: path), file: path, maximumSize: maximumSize)
    }

    init(_ stream: any ByteStream, file: String, maximumSize: Int = 1 << 26) {
        self.stream = stream
        self.file = file
        self.maximumSize = maximumSize
    }

    /// The next ordinary file, nil at the end.
    ///
    /// - Throws: ``ApusError`` when the archive is truncated or damaged.
    public func next() throws -> Member? {
        var longName: String?
        while true {
            let header = try stream.bytes(512)
            // Two blocks of zeros end an archive; some writers leave them out.
            guard !header.isEmpty, header.contains(where: { $0 != 0 }) else { return nil }
            guard header.count == 512 else { throw failure("it ends inside of a header", isTruncated: true) }
            guard Self.checksum(header) == Self.octal(header[148..<156]), let size = Self.octal(header[124..<136])
            else {
                throw failure("a header is damaged, its checksum is wrong")
            }
            let name = longName ?? Self.name(header)
            guard size <= maximumSize else {
                throw failure("the member \(quoted(name)) has \(size) bytes, more than the \(maximumSize) allowed")
            }
            let bytes = try stream.bytes(size)
            let padding = try stream.bytes((512 - size % 512) % 512)
            guard bytes.count == size, padding.count == (512 - size % 512) % 512 else {
                throw failure("it ends inside of the member \(quoted(name))", isTruncated: true)
            }
            switch header[156] {
            case UInt8(ascii: "L"): longName = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            case UInt8(ascii: "x"): longName = Self.paxPath(bytes) ?? longName
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): return Member(name: name, bytes: bytes)
            default: longName = nil
            }
        }
    }

    private static func name(_ header: [UInt8]) -> String {
        func text(_ range: Range<Int>) -> String {
            String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self)
        }
        let prefix = header[257..<262].elementsEqual("ustar".utf8) && header[262] == 0 ? text(345..<500) : ""
        return prefix.isEmpty ? text(0..<100) : "\(prefix)/\(text(0..<100))"
    }

    /// The value of `path` among records of the form `LENGTH KEY=VALUE\n`.
    private static func paxPath(_ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let record = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
            if record.starts(with: "path=".utf8) { return String(decoding: record.dropFirst(5), as: UTF8.self) }
        }
        return nil
    }

    /// The sum of all bytes of a header, in which its own field counts as spaces.
    private static func checksum(_ header: [UInt8]) -> Int {
        header.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(header[$1])) }
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 || $0 == 0 }.prefix { $0 != 0x20 && $0 != 0 }
        return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private func failure(_ problem: String, isTruncated: Bool = false) -> ApusError {
        ApusError(
            .data, file: file, problem: "this is no sound tar archive: \(problem)",
            remedy: isTruncated ? "the file is truncated" : "copy or download it again")
    }
}
