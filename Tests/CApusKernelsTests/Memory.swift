import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The arrays of one kernel call.
///
/// Each ends where an inaccessible page begins: reading or writing beyond its end stops the process. They are valid
/// until `release`.
final class Memory {
    private var mappings: [UnsafeMutableRawBufferPointer] = []

    /// Copies values to an array that has no alignment beyond that of one element, unless its size happens to give it.
    func copy<Element>(_ values: [Element]) -> GuardedArray<Element> {
        let page = Int(getpagesize())
        let size = values.count * MemoryLayout<Element>.stride
        let accessible = (size / page + 1) * page
        guard let base = mmap(nil, accessible + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
            base != MAP_FAILED, mprotect(base + accessible, page, PROT_NONE) == 0
        else { fatalError("no memory for a guarded array") }
        mappings.append(UnsafeMutableRawBufferPointer(start: base, count: accessible + page))
        let front = UnsafeMutableRawBufferPointer(start: base, count: accessible - size)
        front.initializeMemory(as: UInt8.self, repeating: GuardedArray<Element>.sentinel)
        let start = (base + front.count).bindMemory(to: Element.self, capacity: max(values.count, 1))
        start.initialize(from: values, count: values.count)
        return GuardedArray(count: values.count, start: start, front: UnsafeRawBufferPointer(front))
    }

    func release() {
        for mapping in mappings { munmap(mapping.baseAddress, mapping.count) }
        mappings = []
    }
}

/// An array in `Memory`, with sentinels before its start.
struct GuardedArray<Element> {
    static var sentinel: UInt8 { 0xA5 }

    let count: Int
    let start: UnsafeMutablePointer<Element>
    fileprivate let front: UnsafeRawBufferPointer

    var values: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }

    func expectUntouchedFront(_ place: String) {
        #expect(front.allSatisfy { $0 == Self.sentinel }, "\(place): wrote before the start of the output")
    }
}
