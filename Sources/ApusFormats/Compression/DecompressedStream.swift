import ApusFiles

/// What a compressed file expands to; it may consist of several members one after the other.
final class DecompressedStream: ByteStream {
    private let source: any ByteStream
    private let compression: Compression
    private let file: String
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    /// The part of the input that was not taken yet.
    private var range = 0..<0
    private var (consumed, expanded) = (0, 0)
    private var member: (any Decompressor)?

    init(_ source: any ByteStream, _ compression: Compression, file: String) {
        (self.source, self.compression, self.file) = (source, compression, file)
    }

    deinit { input.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        // The libraries count in 32 bits.
        let output = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(1 << 30))
        while try isInsideMember() {
            if range.isEmpty { try refill() }
            let wasAtEnd = range.isEmpty
            let step = try step(into: output)
            if step.produced > 0 { return step.produced }
            if wasAtEnd, !step.isAtEnd { throw failure("end too early; the file is truncated") }
        }
        return 0
    }

    /// Goes on to the next member, where there is one; false at the end of the file.
    private func isInsideMember() throws -> Bool {
        while member == nil {
            // Some writers pad with zeros.
            range = range.drop { input[$0] == 0 }
            if range.isEmpty {
                try refill()
                if range.isEmpty { return false }
            } else {
                do { member = try compression.decompressor() } catch { throw failure(error) }
            }
        }
        return true
    }

    private func refill() throws {
        range = 0..<(try source.fill(input))
        consumed += range.count
    }

    /// Unpacks a part of the input.
    private func step(into output: UnsafeMutableRawBufferPointer) throws -> DecompressionStep {
        guard let member else { return DecompressionStep(taken: 0, produced: 0, isAtEnd: true) }
        let step: DecompressionStep
        do { step = try member.step(from: UnsafeMutableRawBufferPointer(rebasing: input[range]), into: output) } catch {
            throw failure(error)
        }
        // Without progress the loop would never end.
        guard step.taken + step.produced > 0 || step.isAtEnd || range.isEmpty else { throw failure(.damaged) }
        if step.isAtEnd { self.member = nil }
        range = (range.lowerBound + step.taken)..<range.upperBound
        expanded += step.produced
        try ReadingLimits.checkExpansion(of: consumed, to: expanded, file: file)
        return step
    }

    private func failure(_ error: DecompressionFailure) -> ApusError {
        switch error {
        case .damaged: failure("are damaged")
        case .noMemory:
            ApusError(
                .io, file: file, problem: "there is no memory to unpack the \(compression.name) data",
                remedy: "close other programs, or raise the limit on memory")
        case .memoryLimit:
            failure(
                "need more than \(ReadingLimits.decompressionMemory) bytes of memory to be unpacked",
                remedy: ReadingLimits.remedy)
        }
    }

    private func failure(_ problem: String, remedy: String = "copy or download it again") -> ApusError {
        ApusError(.data, file: file, problem: "the \(compression.name) data \(problem)", remedy: remedy)
    }
}
