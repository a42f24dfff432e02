import CBzip2
import CZlib

/// What a gzip file expands to; it may consist of several members one after the other.
final class GzipStream: ByteStream {
    private let source: any ByteStream
    private let file: String
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var input = [UInt8](repeating: 0, count: 1 << 16)
    private var range = 0..<0
    private var (consumed, expanded) = (0, 0)
    private var isInsideMember = false

    init(_ source: any ByteStream, file: String) {
        self.source = source
        self.file = file
        stream.initialize(to: z_stream())
    }

    deinit {
        if isInsideMember { inflateEnd(stream) }
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if range.isEmpty {
                range = 0..<(try input.withUnsafeMutableBytes { try source.fill($0) })
                consumed += range.count
            }
            if !isInsideMember {
                // Some writers pad with zeros.
                guard !range.isEmpty, input[range.lowerBound] != 0 else { return 0 }
                let size = Int32(MemoryLayout<z_stream>.size)
                stream.pointee = z_stream()
                guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else { throw damaged }
                isInsideMember = true
            }
            guard !range.isEmpty else {
                throw ApusError(
                    .data, file: file, problem: "the gzip data end too early; the file is truncated",
                    remedy: "copy or download it again")
            }
            let offered = min(buffer.count, 1 << 30)
            let status = input.withUnsafeMutableBufferPointer { bytes in
                stream.pointee.next_in = bytes.baseAddress! + range.lowerBound
                stream.pointee.avail_in = UInt32(range.count)
                stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(offered)
                return CZlib.inflate(stream, Z_NO_FLUSH)
            }
            range = (range.upperBound - Int(stream.pointee.avail_in))..<range.upperBound
            let produced = offered - Int(stream.pointee.avail_out)
            expanded += produced
            try ReadingLimits.checkExpansion(of: consumed, to: expanded, file: file)
            switch status {
            case Z_STREAM_END:
                inflateEnd(stream)
                isInsideMember = false
            case Z_OK, Z_BUF_ERROR: break
            default: throw damaged
            }
            if produced > 0 { return produced }
        }
    }

    private var damaged: ApusError {
        ApusError(.data, file: file, problem: "the gzip data are damaged", remedy: "copy or download it again")
    }
}

/// What a bzip2 file expands to; it may consist of several streams one after the other.
final class Bzip2Stream: ByteStream {
    private let source: any ByteStream
    private let file: String
    private let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
    private var input = [UInt8](repeating: 0, count: 1 << 16)
    private var range = 0..<0
    private var (consumed, expanded) = (0, 0)
    private var isInsideStream = false

    init(_ source: any ByteStream, file: String) {
        self.source = source
        self.file = file
        stream.initialize(to: bz_stream())
    }

    deinit {
        if isInsideStream { BZ2_bzDecompressEnd(stream) }
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if range.isEmpty {
                range = 0..<(try input.withUnsafeMutableBytes { try source.fill($0) })
                consumed += range.count
            }
            if !isInsideStream {
                if range.isEmpty { return 0 }
                stream.pointee = bz_stream()
                guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw damaged }
                isInsideStream = true
            }
            guard !range.isEmpty else {
                throw ApusError(
                    .data, file: file, problem: "the bzip2 data end too early; the file is truncated",
                    remedy: "copy or download it again")
            }
            let offered = min(buffer.count, 1 << 30)
            let status = input.withUnsafeMutableBytes { bytes in
                stream.pointee.next_in = bytes.baseAddress!.assumingMemoryBound(to: CChar.self) + range.lowerBound
                stream.pointee.avail_in = UInt32(range.count)
                stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
                stream.pointee.avail_out = UInt32(offered)
                return BZ2_bzDecompress(stream)
            }
            range = (range.upperBound - Int(stream.pointee.avail_in))..<range.upperBound
            let produced = offered - Int(stream.pointee.avail_out)
            expanded += produced
            try ReadingLimits.checkExpansion(of: consumed, to: expanded, file: file)
            switch status {
            case BZ_STREAM_END:
                BZ2_bzDecompressEnd(stream)
                isInsideStream = false
            case BZ_OK: break
            default: throw damaged
            }
            if produced > 0 { return produced }
        }
    }

    private var damaged: ApusError {
        ApusError(.data, file: file, problem: "the bzip2 data are damaged", remedy: "copy or download it again")
    }
}
