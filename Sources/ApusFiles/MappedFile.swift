#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file in the address space of the process: pages are read when they are touched, and dropped at will.
final class MappedFile: @unchecked Sendable {
    /// The content; read-only for the life of the object, which makes it safe to share.
    let bytes: UnsafeRawBufferPointer

    /// Maps a file.
    ///
    /// - Throws: ``ApusError`` of kind `missingInput` or `io`.
    init(path: String) throws {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw readingError(path: path, code: errno) }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
            throw readingError(path: path, code: errno)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }

    /// Gives the memory of all pages back; they are read again when they are touched.
    func releasePages() {
        guard let start = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }
}

/// A tensor of a mapped file, as a sequence of numbers.
public struct MappedColumn<Element: BitwiseCopyable & Sendable>: Sendable {
    private let file: MappedFile
    private let offset: Int
    /// The number of elements.
    public let count: Int

    init(_ file: MappedFile, range: Range<Int>) {
        precondition(range.upperBound <= file.bytes.count, "MappedColumn: outside of the file")
        self.file = file
        offset = range.lowerBound
        count = range.count / MemoryLayout<Element>.stride
    }

    /// An element.
    public subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count, "MappedColumn: no such element")
        return file.bytes.loadUnaligned(
            fromByteOffset: offset + index * MemoryLayout<Element>.stride, as: Element.self)
    }

    /// Some elements.
    public subscript(range: Range<Int>) -> [Element] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "MappedColumn: no such elements")
        let size = MemoryLayout<Element>.stride
        let source = UnsafeRawBufferPointer(
            rebasing: file.bytes[(offset + range.lowerBound * size)..<(offset + range.upperBound * size)])
        return [Element](unsafeUninitializedCapacity: range.count) { buffer, filled in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            filled = range.count
        }
    }

    /// All elements, for loops over many.
    public func withElements<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result {
        let size = MemoryLayout<Element>.stride
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<(offset + count * size)])
        return try body(bytes.bindMemory(to: Element.self))
    }
}
