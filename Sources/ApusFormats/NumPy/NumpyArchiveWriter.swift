import ApusFiles
import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes arrays as an `.npz` file, stored without compression; it reads back bit by bit.
public struct NumpyArchiveWriter {
    private var entries: [(name: String, header: [UInt8], bytes: [UInt8])] = []

    /// Starts an archive without arrays.
    public init() {}

    /// Adds an array of numbers, last index fastest.
    public mutating func add(_ name: String, _ values: [Double], shape: [Int]) {
        require(values.count == shape.reduce(1, *), "NumpyArchiveWriter: shape and values do not agree")
        add(name, type: "<f8", shape: shape, bytes: values.withUnsafeBytes { Array($0) })
    }

    /// Adds an array of whole numbers, last index fastest.
    public mutating func add(_ name: String, _ values: [Int], shape: [Int]) {
        require(values.count == shape.reduce(1, *), "NumpyArchiveWriter: shape and values do not agree")
        add(name, type: "<i8", shape: shape, bytes: values.withUnsafeBytes { Array($0) })
    }

    /// Adds a text.
    public mutating func add(_ name: String, _ text: String) {
        let scalars = text.unicodeScalars.map(\.value)
        add(
            name, type: "<U\(max(scalars.count, 1))", shape: [],
            bytes: (scalars.isEmpty ? [0] : scalars).withUnsafeBytes { Array($0) })
    }

    private mutating func add(_ name: String, type: String, shape: [Int], bytes: [UInt8]) {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
        text += String(repeating: " ", count: (64 - (text.utf8.count + 11) % 64) % 64) + "\n"
        let length = text.utf8.count
        let header = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
        entries.append((name + ".npy", header, bytes))
    }

    /// Writes the file atomically.
    ///
    /// - Throws: ``ApusError`` of kind `io`, also when the file would be larger than 4 GB, which needs another format.
    public func write(to path: String) throws {
        let size = entries.reduce(0) { $0 + $1.header.count + $1.bytes.count + 200 + 2 * $1.name.utf8.count }
        guard size < Int(UInt32.max) else {
            throw ApusError(
                .io, file: path, problem: "the archive would have more than 4 GB", remedy: "choose another format")
        }
        try writeFileAtomically(path: path) { descriptor in
            var directory: [UInt8] = []
            var offset = 0
            for entry in entries {
                var checksum = CRC32()
                entry.header.withUnsafeBytes { checksum.update($0) }
                entry.bytes.withUnsafeBytes { checksum.update($0) }
                let length = entry.header.count + entry.bytes.count
                let common =
                    little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
                    + little(Int(checksum.value), 4) + little(length, 4) + little(length, 4)
                    + little(entry.name.utf8.count, 2) + little(0, 2)
                let local = little(0x0403_4b50, 4) + common + Array(entry.name.utf8)
                directory += little(0x0201_4b50, 4) + little(20, 2) + common + little(0, 2) + little(0, 2)
                directory += little(0, 2) + little(0, 4) + little(offset, 4) + Array(entry.name.utf8)
                for part in [local, entry.header, entry.bytes] { try ApusFiles.write(part, to: descriptor, path: path) }
                offset += local.count + length
            }
            let end =
                little(0x0605_4b50, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
                + little(directory.count, 4) + little(offset, 4) + little(0, 2)
            try ApusFiles.write(directory + end, to: descriptor, path: path)
        }
    }

    private func little(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
