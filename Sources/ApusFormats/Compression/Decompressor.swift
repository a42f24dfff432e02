import ApusFiles
import ApusSystem
import CBzip2
import CLzma
import CZlib
import CZstd

/// Unpacks one member of a compressed file, piece by piece.
protocol Decompressor: AnyObject {
    /// Takes a part of the input, which is empty at the end of the file only, and fills a part of the output.
    func step(
        from input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep
}

/// How many bytes were read and written, and whether the member has ended.
struct DecompressionStep {
    let taken: Int
    let produced: Int
    let isAtEnd: Bool
}

/// Why a member cannot be unpacked.
enum DecompressionFailure: Error {
    case damaged
    /// It asks for more memory than is allowed.
    case memoryLimit
    /// The system has no memory left.
    case noMemory
}

/// Unpacks gzip by zlib.
final class ZlibDecompressor: Decompressor {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() throws(DecompressionFailure) {
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .noMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(
        from input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else { throw .damaged }
        return DecompressionStep(
            taken: input.count - Int(stream.pointee.avail_in), produced: output.count - Int(stream.pointee.avail_out),
            isAtEnd: status == Z_STREAM_END)
    }
}

/// Unpacks bzip2.
final class Bzip2Decompressor: Decompressor {
    private let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)

    init() throws(DecompressionFailure) {
        stream.initialize(to: bz_stream())
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .noMemory }
    }

    deinit {
        BZ2_bzDecompressEnd(stream)
        stream.deallocate()
    }

    func step(
        from input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = UInt32(output.count)
        let status = BZ2_bzDecompress(stream)
        guard status == BZ_OK || status == BZ_STREAM_END else { throw .damaged }
        return DecompressionStep(
            taken: input.count - Int(stream.pointee.avail_in), produced: output.count - Int(stream.pointee.avail_out),
            isAtEnd: status == BZ_STREAM_END)
    }
}

/// Unpacks xz by liblzma.
final class XzDecompressor: Decompressor {
    private let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)

    init() throws(DecompressionFailure) {
        stream.initialize(to: lzma_stream())
        guard lzma_stream_decoder(stream, UInt64(ReadingLimits.decompressionMemory), 0) == LZMA_OK else {
            throw .noMemory
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func step(
        from input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        stream.pointee.next_in = UnsafePointer(input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output.count
        let status = lzma_code(stream, LZMA_RUN)
        if status == LZMA_MEMLIMIT_ERROR { throw .memoryLimit }
        if status == LZMA_MEM_ERROR { throw .noMemory }
        guard [LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR].contains(status) else { throw .damaged }
        return DecompressionStep(
            taken: input.count - stream.pointee.avail_in, produced: output.count - stream.pointee.avail_out,
            isAtEnd: status == LZMA_STREAM_END)
    }
}

/// Unpacks zstd.
final class ZstdDecompressor: Decompressor {
    private let stream: OpaquePointer

    init() throws(DecompressionFailure) {
        guard let stream = ZSTD_createDStream() else { throw .noMemory }
        self.stream = stream
        // The window is a power of two.
        let exponent =
            ReadingLimits.decompressionMemory.bitWidth - 1 - ReadingLimits.decompressionMemory.leadingZeroBitCount
        let status = ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Int32(max(10, min(exponent, 31))))
        require(ZSTD_isError(status) == 0, "zstd takes no limit on its window")
    }

    deinit { ZSTD_freeDStream(stream) }

    func step(
        from input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let status = ZSTD_decompressStream(stream, &target, &source)
        if ZSTD_isError(status) != 0 {
            switch ZSTD_getErrorCode(status) {
            case ZSTD_error_frameParameter_windowTooLarge: throw .memoryLimit
            case ZSTD_error_memory_allocation: throw .noMemory
            default: throw .damaged
            }
        }
        return DecompressionStep(taken: source.pos, produced: target.pos, isAtEnd: status == 0)
    }
}
