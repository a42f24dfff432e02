import CZlib

/// The container around deflated data.
enum DeflateContainer {
    case gzip
    /// No header and no checksum, as inside zip files.
    case raw

    fileprivate var windowBits: Int32 {
        switch self {
        case .gzip: 15 + 16
        case .raw: -15
        }
    }
}

/// What can be wrong with deflated data.
enum InflateFailure: Error {
    case truncated
    case damaged
    /// The data expand to more bytes than allowed.
    case tooLong
}

/// Whether bytes start with the magic number of gzip.
func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x1f, 0x8b])
}

/// Decompresses a gzip file, which may consist of several members one after the other.
func decompressGzip(_ bytes: [UInt8], file: String) throws -> [UInt8] {
    var output: [UInt8] = []
    var position = 0
    do {
        while position < bytes.count, bytes[position] != 0 {  // some writers pad with zeros
            position = try inflate(bytes, from: position, to: bytes.count, .gzip, into: &output, limit: .max)
        }
    } catch InflateFailure.truncated {
        throw ApusError(
            .data, file: file, problem: "the gzip data end too early; the file is truncated",
            remedy: "copy or download it again")
    } catch {
        throw ApusError(.data, file: file, problem: "the gzip data are damaged", remedy: "copy or download it again")
    }
    return output
}

/// Appends the decompressed bytes to `output` and returns the position behind the compressed ones.
///
/// Memory grows with the bytes that really come out, never by a size that a header announces.
func inflate(
    _ bytes: [UInt8], from start: Int, to end: Int, _ container: DeflateContainer, into output: inout [UInt8],
    limit: Int
) throws(InflateFailure) -> Int {
    // zlib remembers the address of its stream, so the stream must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, container.windowBits, ZLIB_VERSION, size) == Z_OK else {
        throw .damaged
    }
    defer { inflateEnd(stream) }

    let blockLength = 1 << 18
    let block = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: blockLength)
    defer { block.deallocate() }
    var position = start
    while true {
        let offered = min(end - position, 1 << 30)
        let status = bytes.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + position })
            stream.pointee.avail_in = UInt32(offered)
            stream.pointee.next_out = block.baseAddress
            stream.pointee.avail_out = UInt32(blockLength)
            return CZlib.inflate(stream, Z_NO_FLUSH)
        }
        position += offered - Int(stream.pointee.avail_in)
        let produced = blockLength - Int(stream.pointee.avail_out)
        guard produced <= limit - output.count else { throw .tooLong }
        output.append(contentsOf: block[..<produced])
        switch status {
        case Z_STREAM_END: return position
        case Z_OK: continue
        case Z_BUF_ERROR: throw .truncated
        default: throw .damaged
        }
    }
}

/// The CRC-32 checksum that zip files use.
func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum = crc32(0, nil, 0)
    var rest = bytes
    while !rest.isEmpty {
        let part = rest.prefix(1 << 30)
        sum = part.withUnsafeBufferPointer { crc32(sum, $0.baseAddress, UInt32($0.count)) }
        rest = rest.dropFirst(part.count)
    }
    return UInt32(sum)
}
