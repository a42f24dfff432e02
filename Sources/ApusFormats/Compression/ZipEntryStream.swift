import ApusFiles
import CZlib

/// The unpacked bytes of an entry of a zip archive; at its end, size and checksum are compared.
final class ZipEntryStream: ByteStream {
    private let entry: ZipArchive.Entry
    private let input: InputFile
    private let place: String
    private var packed: Range<Int>
    private var block: [UInt8] = []
    private var blockRange = 0..<0
    private var produced = 0
    private var checksum = CRC32()
    private var isAtEnd = false
    private let stream: UnsafeMutablePointer<z_stream>?

    init(_ entry: ZipArchive.Entry, of input: InputFile, packed: Range<Int>, place: String) {
        (self.entry, self.input, self.packed, self.place) = (entry, input, packed, place)
        guard entry.method == 8 else {
            stream = nil
            return
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        self.stream = stream
    }

    deinit {
        guard let stream else { return }
        inflateEnd(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !isAtEnd, buffer.count > 0 else { return 0 }
        let count = try stream.map { try inflate($0, into: buffer) } ?? copy(into: buffer)
        produced += count
        checksum.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        guard produced <= entry.size else {
            throw failure("\(entry.size) bytes are announced, but there are more")
        }
        if count == 0 {
            isAtEnd = true
            guard produced == entry.size else {
                throw failure("\(entry.size) bytes are announced, but \(produced) are there")
            }
            guard checksum.value == entry.checksum else { throw failure("the checksum is wrong") }
        }
        return count
    }

    private func copy(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, packed.count)])
        let count = part.isEmpty ? 0 : try input.read(into: part, at: packed.lowerBound)
        packed = (packed.lowerBound + count)..<packed.upperBound
        return count
    }

    private func inflate(
        _ stream: UnsafeMutablePointer<z_stream>, into buffer: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        while true {
            if blockRange.isEmpty {
                let next = packed.prefix(1 << 16)
                block = try input.bytes(next)
                blockRange = block.indices
                packed = next.upperBound..<packed.upperBound
            }
            let offered = min(buffer.count, 1 << 30)
            let isExhausted = blockRange.isEmpty
            let status = block.withUnsafeMutableBufferPointer { bytes in
                stream.pointee.next_in = bytes.baseAddress.map { $0 + blockRange.lowerBound }
                stream.pointee.avail_in = UInt32(blockRange.count)
                stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(offered)
                return CZlib.inflate(stream, Z_NO_FLUSH)
            }
            blockRange = (blockRange.upperBound - Int(stream.pointee.avail_in))..<blockRange.upperBound
            let produced = offered - Int(stream.pointee.avail_out)
            if produced > 0 || status == Z_STREAM_END { return produced }
            guard status == Z_OK || status == Z_BUF_ERROR, !isExhausted else {
                throw failure("the compressed data are damaged")
            }
        }
    }

    private func failure(_ problem: String) -> ApusError {
        ApusError(.data, file: input.path, place: place, problem: problem, remedy: "the file is damaged or truncated")
    }
}
