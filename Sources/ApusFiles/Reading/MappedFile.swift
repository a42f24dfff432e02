import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file in the address space of the process: pages are read when they are touched, and dropped at will.
///
/// Others may cut the file, write to it or put another in its place meanwhile. Nothing that is read is then good, so
/// whoever has read a part asks ``requireUnchanged()`` before using it; until then what is read may be anything.
@usableFromInline
final class MappedFile: @unchecked Sendable {
    /// The content; read-only for the life of the object, which makes it safe to share.
    let bytes: UnsafeRawBufferPointer
    private let path: String
    private let descriptor: Int32
    private let stamp: Stamp
    private let slot: Int?

    /// What changes with the content.
    private struct Stamp: Equatable {
        let identity: FileIdentity
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        init(_ descriptor: Int32, path: String) throws {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw readingError(path: path, code: errno) }
            #if canImport(Glibc)
            let time = status.st_mtim
            #else
            let time = status.st_mtimespec
            #endif
            identity = FileIdentity(status)
            (size, seconds, nanoseconds) = (Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec))
        }
    }

    /// Maps a file.
    ///
    /// - Parameter name: Where it stands at present, if that is not the path.
    /// - Throws: ``ApusError`` of kind `missingInput` or `io`.
    init(path: String, openedAs name: String? = nil) throws {
        let descriptor = try openForReading(name ?? path)
        do {
            stamp = try Stamp(descriptor, path: path)
            if stamp.size > 0 {
                guard let start = mmap(nil, stamp.size, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
                else {
                    throw readingError(path: path, code: errno)
                }
                bytes = UnsafeRawBufferPointer(start: start, count: stamp.size)
            } else {
                bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            }
        } catch {
            close(descriptor)
            throw error
        }
        (self.path, self.descriptor) = (path, descriptor)
        slot = MappedRanges.add(bytes)
    }

    deinit {
        MappedRanges.remove(slot)
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
        close(descriptor)
    }

    /// Gives the memory of all pages back; they are read again when they are touched.
    func releasePages() {
        guard let start = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }

    /// Makes sure that what was read so far is what the file had when it was opened: asks the system for its size, the time
    /// of the last change and the file at the path, which takes a microsecond or two.
    ///
    /// A file that was removed meanwhile still has its content.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    func requireUnchanged() throws {
        let present = try Stamp(descriptor, path: path)
        let problem: String
        if present.size < stamp.size {
            problem = "the file was cut while it was in use"
        } else if present != stamp {
            problem = "the file was written to while it was in use"
        } else if MappedRanges.isDamaged(slot) {
            problem = "a part of the file cannot be read any more"
        } else if let standing = FileIdentity(path), standing != stamp.identity {
            problem = "the file was replaced by another while it was in use"
        } else {
            return
        }
        throw ApusError(.io, file: path, problem: problem, remedy: "restore it and begin again, or resume the run")
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
