import ApusFiles

/// The ways of compressing a whole file, told apart by their first bytes.
public enum Compression: CaseIterable, Sendable {
    /// RFC 1952.
    case gzip
    /// The format of Julian Seward's bzip2.
    case bzip2
    /// The format of XZ Utils.
    case xz
    /// RFC 8878.
    case zstd

    /// The usual ends of the names of such files.
    public static let endings = [".gz", ".bz2", ".xz", ".zst"]

    /// How many bytes it takes to tell.
    static let markLength = 6

    /// The way in which a file is compressed that begins with these bytes; nil for all others.
    public init?(start: some Collection<UInt8>) {
        let marks: [(Compression, [UInt8])] = [
            (.gzip, [0x1f, 0x8b]), (.bzip2, [0x42, 0x5a, 0x68]), (.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
            (.zstd, [0x28, 0xb5, 0x2f, 0xfd]),
        ]
        if let found = marks.first(where: { start.starts(with: $0.1) }) {
            self = found.0
        } else if let first = start.first, first & 0xf0 == 0x50, start.dropFirst().starts(with: [0x2a, 0x4d, 0x18]) {
            // A frame of zstd that is to be skipped, with which pzstd begins.
            self = .zstd
        } else {
            return nil
        }
    }

    /// The name, which is that of the program too.
    public var name: String { "\(self)" }

    /// A command that unpacks a file and keeps it.
    public func unpackingCommand(_ path: String) -> String {
        let ending = Self.endings.first(where: path.hasSuffix)
        let unpacked = ending.map { String(path.dropLast($0.count)) } ?? "\(path).unpacked"
        return "\(name) -dc \(shellWord(path)) > \(shellWord(unpacked))"
    }

    /// What unpacks one member of a file.
    func decompressor() throws(DecompressionFailure) -> any Decompressor {
        switch self {
        case .gzip: try ZlibDecompressor()
        case .bzip2: try Bzip2Decompressor()
        case .xz: try XzDecompressor()
        case .zstd: try ZstdDecompressor()
        }
    }
}
