import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file in the address space of the process: pages are read when they are touched, and dropped at will.
@usableFromInline
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
///
/// Its methods are inlined, because whole data sets are gone through number by number.
public struct MappedColumn<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// Keeps the file mapped.
    @usableFromInline let file: MappedFile
    @usableFromInline let start: UnsafeRawPointer
    /// The number of elements.
    public let count: Int

    init(_ file: MappedFile, range: Range<Int>) {
        require(range.upperBound <= file.bytes.count, "MappedColumn: outside of the file")
        self.file = file
        start =
            file.bytes.baseAddress.map { UnsafeRawPointer($0) + range.lowerBound } ?? UnsafeRawPointer(bitPattern: 8)!
        count = range.count / MemoryLayout<Element>.stride
    }

    /// An element.
    @inlinable public subscript(index: Int) -> Element {
        require(index >= 0 && index < count, "MappedColumn: no such element")
        return start.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
    }

    /// Some elements.
    @inlinable public subscript(range: Range<Int>) -> [Element] {
        withElements(range) { Array($0) }
    }

    /// Some elements without a copy.
    @inlinable
    public func withElements<Result>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result {
        require(range.lowerBound >= 0 && range.upperBound <= count, "MappedColumn: no such elements")
        let first = (start + range.lowerBound * MemoryLayout<Element>.stride).assumingMemoryBound(to: Element.self)
        return try withExtendedLifetime(file) { try body(UnsafeBufferPointer(start: first, count: range.count)) }
    }

    /// All elements, for loops over many.
    @inlinable
    public func withElements<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result {
        try withElements(0..<count, body)
    }
}
