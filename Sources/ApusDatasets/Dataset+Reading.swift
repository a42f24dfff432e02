import ApusFiles

extension Dataset {
    /// Reads a file: extended XYZ (`.xyz`, `.extxyz`, either also with `.gz`) or NumPy arrays (`.npz`).
    ///
    /// A file with another name is recognised by its first bytes. Nothing is guessed without being reported in
    /// ``interpretation``.
    ///
    /// - Throws: ``ApusFiles/ApusError`` that names the file, the frame and its line, the rule, and the value found.
    public static func read(path: String, options: ReadingOptions = ReadingOptions()) throws -> Dataset {
        switch try SourceFormat(path: path) {
        case .extendedXYZ: try ExtendedXYZSource(path: path, options: options).dataset()
        case .numpyArchive: try NumpyArchiveSource(path: path, options: options).dataset()
        }
    }
}

/// The file formats that can be read.
private enum SourceFormat {
    case extendedXYZ, numpyArchive

    init(path: String) throws {
        let name = path.lowercased()
        if [".xyz", ".extxyz", ".xyz.gz", ".extxyz.gz"].contains(where: name.hasSuffix) {
            self = .extendedXYZ
        } else if name.hasSuffix(".npz") {
            self = .numpyArchive
        } else {
            try self.init(bytes: try readFile(path: path), file: path)
        }
    }

    private init(bytes: [UInt8], file: String) throws {
        let firstWord = bytes.prefix(100).drop { $0 <= 0x20 }.prefix { $0 > 0x20 }
        if bytes.starts(with: Array("PK".utf8)) {
            self = .numpyArchive
        } else if let count = Int(String(decoding: firstWord, as: UTF8.self)), count > 0 {
            self = .extendedXYZ
        } else {
            throw ApusError(
                .data, file: file, problem: "the format of the file is not known",
                remedy: "extended XYZ (.xyz, .extxyz, also with .gz) and NumPy archives (.npz) can be read")
        }
    }
}
