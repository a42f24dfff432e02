#if canImport(Glibc)
import Glibc
#endif

/// Asks the system for large pages of memory that is used soon: there are fewer of them to be given and to be looked up.
/// Systems that have none, or choose them by themselves, are asked nothing.
package func preferLargePages(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
    let size = 2 << 20
    guard byteCount >= 2 * size else { return }
    let first = start.alignedUp(toMultipleOf: size)
    _ = madvise(first, (start + byteCount - first) / size * size, MADV_HUGEPAGE)
    #endif
}

extension Array {
    /// Reserves room as `reserveCapacity` does, in large pages where it is much.
    package mutating func reserveLargePages(_ capacity: Int) {
        reserveCapacity(capacity)
        let bytes = self.capacity * MemoryLayout<Element>.stride
        withUnsafeMutableBytes { elements in
            if let start = elements.baseAddress { preferLargePages(start, byteCount: bytes) }
        }
    }
}
