import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes a safetensors file whose tensors grow row by row, in constant memory.
///
/// The format wants the sizes first and each tensor in one piece. So each tensor is collected in a file without a
/// name, which vanishes with the process; at the end all are copied behind the header into one file, which gets its
/// name when it is complete and on disk.
public final class SafetensorsSpool {
    /// A tensor that grows.
    public final class Column {
        /// The name.
        public let name: String
        /// The element type.
        public let elementType: Safetensors.ElementType
        /// The extents of a row.
        public let rowShape: [Int]
        private let descriptor: Int32
        private let path: String
        private var buffer: [UInt8] = []
        private var checksumState = CRC32()
        fileprivate private(set) var size = 0

        fileprivate init(
            _ name: String, _ type: Safetensors.ElementType, rowShape: [Int], folder: String, path: String
        ) throws {
            (self.name, self.elementType, self.rowShape, self.path) = (name, type, rowShape, path)
            let (descriptor, temporary, slot) = try temporaryFile(in: folder, path: path)
            unlink(temporary)
            UnfinishedFiles.remove(slot)
            self.descriptor = descriptor
            buffer.reserveCapacity(Self.blockSize + 4096)
        }

        deinit { close(descriptor) }

        private static let blockSize = 1 << 18

        /// Appends numbers, which are written as they are in memory.
        ///
        /// - Throws: ``ApusError`` of kind `io`.
        public func append<Element: BitwiseCopyable>(_ values: some Collection<Element>) throws {
            require(MemoryLayout<Element>.stride == elementType.width, "SafetensorsSpool: another type")
            let done: Void? = values.withContiguousStorageIfAvailable {
                buffer.append(contentsOf: UnsafeRawBufferPointer($0))
            }
            if done == nil { Array(values).withUnsafeBytes { buffer.append(contentsOf: $0) } }
            if buffer.count >= Self.blockSize { try flush() }
        }

        /// Appends a number.
        ///
        /// - Throws: ``ApusError`` of kind `io`.
        public func append(_ value: some BitwiseCopyable) throws {
            withUnsafeBytes(of: value) { buffer.append(contentsOf: $0) }
            if buffer.count >= Self.blockSize { try flush() }
        }

        fileprivate func flush() throws {
            try buffer.withUnsafeBytes {
                checksumState.update($0)
                try write($0, to: descriptor, path: path)
            }
            size += buffer.count
            buffer.removeAll(keepingCapacity: true)
        }

        /// The CRC-32 checksum of everything written.
        ///
        /// - Throws: ``ApusError`` of kind `io`.
        public func checksum() throws -> UInt32 {
            try flush()
            return checksumState.value
        }

        /// The extents, of which the first grows.
        public var shape: [Int] {
            let rowBytes = rowShape.reduce(elementType.width, *)
            return [rowBytes == 0 ? 0 : size / rowBytes] + rowShape
        }

        fileprivate func copy(to target: Int32) throws {
            guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw writingError(path: path, code: errno) }
            var block = [UInt8](repeating: 0, count: 1 << 20)
            var left = size
            while left > 0 {
                let received = read(descriptor, &block, min(block.count, left))
                guard received > 0 else { throw writingError(path: path, code: received < 0 ? errno : EIO) }
                try block.withUnsafeBytes {
                    try write(UnsafeRawBufferPointer(rebasing: $0[..<received]), to: target, path: path)
                }
                left -= received
            }
            // The space is needed for the copy of the next tensor.
            _ = ftruncate(descriptor, 0)
        }
    }

    private let path: String
    /// The tensors so far.
    public private(set) var columns: [Column] = []

    /// Starts a file.
    public init(_ path: String) {
        self.path = path
    }

    /// Adds a tensor that grows from no row.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func add(_ name: String, _ type: Safetensors.ElementType, rowShape: [Int] = []) throws -> Column {
        let column = try Column(name, type, rowShape: rowShape, folder: folderName(of: path), path: path)
        columns.append(column)
        return column
    }

    /// Completes the file, which still waits for its name.
    ///
    /// - Throws: ``ApusError`` of kind `io`; nothing then stands at the path that was not there before.
    public func finish(metadata: [String: String]) throws -> PendingFile {
        for column in columns { try column.flush() }
        let sorted = Safetensors.ElementType.allCases.flatMap { type in
            columns.filter { $0.elementType == type }.sorted { $0.name < $1.name }
        }
        let header = Safetensors.header(
            metadata: metadata, tensors: sorted.map { ($0.name, $0.elementType, $0.shape, $0.size) })
        let file = try PendingFile(path)
        try write(header, to: file.descriptor, path: path)
        for column in sorted { try column.copy(to: file.descriptor) }
        return file
    }
}
