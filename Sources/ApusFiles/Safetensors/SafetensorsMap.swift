import ApusSystem
import Synchronization

/// A safetensors file whose tensors stay on disk until they are touched.
public final class SafetensorsMap: Sendable {
    /// The file as the user named it.
    public let path: String
    /// Free text by key.
    public let metadata: [String: String]
    /// The element type and shape of each tensor.
    public let tensors: [String: (elementType: Safetensors.ElementType, shape: [Int])]
    private let ranges: [String: Range<Int>]
    private let input: InputFile
    private let file: MappedFile

    /// Maps a file and checks its header against its size.
    ///
    /// - Parameters:
    ///   - path: The file, for messages too.
    ///   - name: Where it stands at present, if that is not the path.
    /// - Throws: ``ApusError`` when the file cannot be read, is truncated, or breaks a rule of the format.
    public init(path: String, openedAs name: String? = nil) throws {
        self.path = path
        input = try InputFile(path: name ?? path)
        let header = try SafetensorsHeader(input)
        file = try MappedFile(path: path, openedAs: name)
        guard file.bytes.count == input.count else {
            throw ApusError(.io, file: path, problem: "the file changes while it is read")
        }
        metadata = header.metadata
        tensors = header.tensors.mapValues { ($0.elementType, $0.shape) }
        ranges = header.tensors.mapValues(\.range)
    }

    /// A tensor as numbers of a type; nil when there is none or it has another type.
    public func column<Element>(_ name: String, of type: Safetensors.ElementType, as: Element.Type) -> MappedColumn<
        Element
    >? {
        guard let tensor = tensors[name], tensor.elementType == type, let range = ranges[name],
            MemoryLayout<Element>.stride == type.width
        else { return nil }
        return MappedColumn(file, range: range)
    }

    /// The CRC-32 checksum of every tensor, read from the file and not through the map, so that no page stays.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func checksums() throws -> [String: UInt32] {
        let names = ranges.keys.sorted()
        let results = Mutex<[String: Result<UInt32, any Error>]>([:])
        forEachConcurrently(names.count, threads: 8) { k in
            let result = Result { try checksum(names[k]) }
            results.withLock { $0[names[k]] = result }
        }
        return try results.withLock { try $0.mapValues { try $0.get() } }
    }

    private func checksum(_ name: String) throws -> UInt32 {
        var checksum = CRC32()
        guard let range = ranges[name] else { return checksum.value }
        var block = [UInt8](repeating: 0, count: min(max(range.count, 1), 1 << 20))
        var position = range.lowerBound
        while position < range.upperBound {
            let received = try block.withUnsafeMutableBytes { buffer in
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[..<min(buffer.count, range.upperBound - position)])
                let received = try input.read(into: part, at: position)
                checksum.update(UnsafeRawBufferPointer(rebasing: part[..<received]))
                return received
            }
            guard received > 0 else {
                throw ApusError(.io, file: path, problem: "the file became shorter while it was read")
            }
            position += received
        }
        return checksum.value
    }

    /// Makes sure that what was read so far is what the file had when it was opened.
    ///
    /// - Throws: ``ApusError`` of kind `io` when the file was cut, written to or replaced since.
    public func requireUnchanged() throws { try file.requireUnchanged() }

    /// Gives the memory of all pages back that were read through the map.
    public func releasePages() { file.releasePages() }
}
