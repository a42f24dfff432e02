import ApusFiles

/// A zip archive (APPNOTE.TXT of PKWARE): stored and deflated entries, with or without Zip64.
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
    let input: InputFile
    var file: String { input.path }

    init(_ input: InputFile) throws {
        func failure(_ problem: String) -> ApusError {
            ApusError(.data, file: input.path, problem: problem, remedy: "the file is damaged or truncated")
        }
        guard try input.bytes(0..<2) == [0x50, 0x4b] else {
            throw ApusError(
                .data, file: input.path, problem: "this is no zip archive", remedy: "an .npz file is needed")
        }
        guard let range = try Self.directory(of: input) else {
            throw failure("the archive has no table of contents at its end")
        }
        let directory = try input.bytes(range)
        var entries: [Entry] = []
        var names: Set<String> = []
        var position = 0
        while position < directory.count {
            guard let (entry, next) = Entry.read(directory, at: position) else {
                throw failure("entry \(entries.count + 1) of the table of contents is damaged")
            }
            guard names.insert(entry.name).inserted else {
                throw failure("the table of contents has \(quoted(entry.name)) twice")
            }
            entries.append(entry)
            position = next
        }
        (self.entries, self.input) = (entries, input)
    }

    /// The unpacked bytes of an entry, of which only a part is in memory at a time.
    func stream(of entry: Entry, place: String) throws -> ZipEntryStream {
        func failure(_ problem: String, remedy: String = "the file is damaged or truncated") -> ApusError {
            ApusError(.data, file: file, place: place, problem: problem, remedy: remedy)
        }
        guard !entry.encrypted else { throw failure("the data are encrypted", remedy: "decrypt the archive first") }
        guard entry.method == 0 || entry.method == 8 else {
            throw failure("the compression method \(entry.method) is not supported", remedy: "use numpy.savez")
        }
        guard entry.headerOffset <= input.count,
            case let header = try input.bytes(entry.headerOffset..<min(input.count, entry.headerOffset + 30)),
            header.integer(at: 0, width: 4) == 0x0403_4b50,
            let nameLength = header.integer(at: 26, width: 2), let extraLength = header.integer(at: 28, width: 2),
            case let start = entry.headerOffset + 30 + nameLength + extraLength,
            start <= input.count, entry.compressedSize <= input.count - start
        else { throw failure("the data are incomplete") }
        // The archive as a whole counts: one array may well be all zeros.
        let total = entries.reduce(0) { $0.addingReportingOverflow($1.size).overflow ? .max : $0 + $1.size }
        if entry.size > 1 << 20 {
            try ReadingLimits.checkExpansion(of: input.count, to: total, file: file, place: place)
        }
        return ZipEntryStream(entry, of: input, packed: start..<(start + entry.compressedSize), place: place)
    }

    /// The range of the central directory, found from the record at the end of the file.
    private static func directory(of input: InputFile) throws -> Range<Int>? {
        // The record has 22 bytes and a comment of at most 65,535 bytes after it; a Zip64 locator of 20 may precede it.
        let tailStart = max(0, input.count - 22 - 0xffff - 20)
        let tail = try input.bytes(tailStart..<input.count)
        var end = tail.count - 22
        while end >= 0, tail.integer(at: end, width: 4) != 0x0605_4b50 { end -= 1 }
        guard tail.integer(at: end, width: 4) == 0x0605_4b50,
            var size = tail.integer(at: end + 12, width: 4),
            var offset = tail.integer(at: end + 16, width: 4)
        else { return nil }
        if size == 0xffff_ffff || offset == 0xffff_ffff {
            guard tail.integer(at: end - 20, width: 4) == 0x0706_4b50,
                let position = tail.integer(at: end - 12, width: 8), position <= input.count,
                case let record = try input.bytes(position..<min(input.count, position + 56)),
                record.integer(at: 0, width: 4) == 0x0606_4b50,
                let wideSize = record.integer(at: 40, width: 8),
                let wideOffset = record.integer(at: 48, width: 8)
            else { return nil }
            (size, offset) = (wideSize, wideOffset)
        }
        guard offset <= tailStart + end, size <= tailStart + end - offset else { return nil }
        return offset..<(offset + size)
    }
}

extension ZipArchive.Entry {
    /// Reads an entry of the central directory and returns the position behind it.
    fileprivate static func read(_ bytes: [UInt8], at start: Int) -> (ZipArchive.Entry, next: Int)? {
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
            case let next = extraStart + extraLength + commentLength, next <= bytes.count
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
