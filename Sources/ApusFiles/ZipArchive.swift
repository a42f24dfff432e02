/// A zip archive in memory (APPNOTE.TXT of PKWARE): stored and deflated entries, with or without Zip64.
struct ZipArchive: Sendable {
    /// A file in the archive, as the central directory describes it.
    ///
    /// NumPy leaves the sizes in the local headers open, so only the directory is reliable.
    struct Entry: Sendable {
        let name: String
        let encrypted: Bool
        let method: Int
        let checksum: UInt32
        let compressedSize: Int
        let size: Int
        let headerOffset: Int
    }

    let entries: [Entry]
    let bytes: [UInt8]
    let file: String

    init(bytes: [UInt8], file: String) throws {
        func failure(_ problem: String) -> ApusError {
            ApusError(.data, file: file, problem: problem, remedy: "the file is damaged or truncated")
        }
        guard bytes.starts(with: [0x50, 0x4b]) else {
            throw ApusError(.data, file: file, problem: "this is no zip archive", remedy: "an .npz file is needed")
        }
        guard let directory = Self.directory(of: bytes) else {
            throw failure("the archive has no table of contents at its end")
        }
        var entries: [Entry] = []
        var names: Set<String> = []
        var position = directory.lowerBound
        while position < directory.upperBound {
            guard let (entry, next) = Entry.read(bytes, at: position, end: directory.upperBound) else {
                throw failure("entry \(entries.count + 1) of the table of contents is damaged")
            }
            guard names.insert(entry.name).inserted else {
                throw failure("the table of contents has \(quoted(entry.name)) twice")
            }
            entries.append(entry)
            position = next
        }
        (self.entries, self.bytes, self.file) = (entries, bytes, file)
    }

    /// The unpacked bytes of an entry.
    func contents(of entry: Entry, place: String) throws -> [UInt8] {
        func failure(_ problem: String, remedy: String = "the file is damaged or truncated") -> ApusError {
            ApusError(.data, file: file, place: place, problem: problem, remedy: remedy)
        }
        guard !entry.encrypted else { throw failure("the data are encrypted", remedy: "decrypt the archive first") }
        guard bytes.integer(at: entry.headerOffset, width: 4) == 0x0403_4b50,
            let nameLength = bytes.integer(at: entry.headerOffset + 26, width: 2),
            let extraLength = bytes.integer(at: entry.headerOffset + 28, width: 2),
            case let start = entry.headerOffset + 30 + nameLength + extraLength,
            start <= bytes.count, entry.compressedSize <= bytes.count - start
        else { throw failure("the data are incomplete") }
        let packed = start..<(start + entry.compressedSize)

        var unpacked: [UInt8] = []
        switch entry.method {
        case 0:
            unpacked = Array(bytes[packed])
        case 8:
            // Deflate gains a factor of 1032 at most, so that a larger size is a lie.
            unpacked.reserveCapacity(min(entry.size, packed.count * 1032))
            do {
                _ = try inflate(
                    bytes, from: packed.lowerBound, to: packed.upperBound, .raw, into: &unpacked, limit: entry.size)
            } catch {
                throw failure("the compressed data are damaged")
            }
        default:
            throw failure("the compression method \(entry.method) is not supported", remedy: "use numpy.savez")
        }
        guard unpacked.count == entry.size else {
            throw failure("\(entry.size) bytes are announced, but \(unpacked.count) are there")
        }
        guard ApusFiles.checksum(unpacked[...]) == entry.checksum else { throw failure("the checksum is wrong") }
        return unpacked
    }

    /// The range of the central directory, found from the record at the end of the file.
    private static func directory(of bytes: [UInt8]) -> Range<Int>? {
        // The record has 22 bytes and a comment of at most 65,535 bytes after it.
        var end = bytes.count - 22
        while end >= max(0, bytes.count - 22 - 0xffff), bytes.integer(at: end, width: 4) != 0x0605_4b50 { end -= 1 }
        guard bytes.integer(at: end, width: 4) == 0x0605_4b50,
            var size = bytes.integer(at: end + 12, width: 4),
            var offset = bytes.integer(at: end + 16, width: 4)
        else { return nil }
        if size == 0xffff_ffff || offset == 0xffff_ffff {
            guard bytes.integer(at: end - 20, width: 4) == 0x0706_4b50,
                let record = bytes.integer(at: end - 12, width: 8),
                bytes.integer(at: record, width: 4) == 0x0606_4b50,
                let wideSize = bytes.integer(at: record + 40, width: 8),
                let wideOffset = bytes.integer(at: record + 48, width: 8)
            else { return nil }
            (size, offset) = (wideSize, wideOffset)
        }
        guard offset <= end, size <= end - offset else { return nil }
        return offset..<(offset + size)
    }
}

extension ZipArchive.Entry {
    /// Reads an entry of the central directory and returns the position behind it.
    fileprivate static func read(_ bytes: [UInt8], at start: Int, end: Int) -> (ZipArchive.Entry, next: Int)? {
        guard bytes.integer(at: start, width: 4) == 0x0201_4b50,
            let flags = bytes.integer(at: start + 8, width: 2),
            let method = bytes.integer(at: start + 10, width: 2),
            let checksum = bytes.integer(at: start + 16, width: 4),
            var compressedSize = bytes.integer(at: start + 20, width: 4),
            var size = bytes.integer(at: start + 24, width: 4),
            let nameLength = bytes.integer(at: start + 28, width: 2),
            let extraLength = bytes.integer(at: start + 30, width: 2),
            let commentLength = bytes.integer(at: start + 32, width: 2),
            var headerOffset = bytes.integer(at: start + 42, width: 4),
            case let extraStart = start + 46 + nameLength,
            case let next = extraStart + extraLength + commentLength, next <= end
        else { return nil }

        // Zip64: values that do not fit into 4 bytes stand in an extra field, in this order.
        var position = extraStart
        while position + 4 <= extraStart + extraLength {
            guard let id = bytes.integer(at: position, width: 2),
                let length = bytes.integer(at: position + 2, width: 2)
            else { return nil }
            if id == 1 {
                var field = position + 4
                func wide(_ value: inout Int) -> Bool {
                    guard value == 0xffff_ffff else { return true }
                    guard field + 8 <= position + 4 + length, let stored = bytes.integer(at: field, width: 8) else {
                        return false
                    }
                    value = stored
                    field += 8
                    return true
                }
                guard wide(&size), wide(&compressedSize), wide(&headerOffset) else { return nil }
            }
            position += 4 + length
        }
        let name = String(decoding: bytes[(start + 46)..<extraStart], as: UTF8.self)
        let entry = ZipArchive.Entry(
            name: name, encrypted: flags & 1 != 0, method: method, checksum: UInt32(checksum),
            compressedSize: compressedSize, size: size, headerOffset: headerOffset)
        return (entry, next)
    }
}

extension [UInt8] {
    /// A little-endian unsigned integer; nil outside of the array or when it does not fit.
    fileprivate func integer(at offset: Int, width: Int) -> Int? {
        guard offset >= 0, offset <= count - width else { return nil }
        var value: UInt64 = 0
        for index in (0..<width).reversed() { value = value << 8 | UInt64(self[offset + index]) }
        return Int(exactly: value)
    }
}
