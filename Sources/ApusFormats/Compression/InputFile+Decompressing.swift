import ApusFiles

extension InputFile {
    /// Opens what a file expands to that may be compressed; in this case it is taken into memory.
    ///
    /// - Throws: ``ApusError`` of kind `missingInput` or `io`, or `data` when it is damaged.
    convenience init(decompressing path: String) throws {
        if Compression(start: try firstBytes(of: path, count: Compression.markLength)) == nil {
            try self.init(path: path)
        } else {
            self.init(bytes: try readDecompressedFile(path: path), path: path)
        }
    }
}
