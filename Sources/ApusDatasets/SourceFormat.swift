import ApusFiles

/// The formats of data files, told apart by their first bytes.
enum SourceFormat {
    case extendedXYZ, numpyArchive, hdf5, aseDatabase, qm9, deepMD, modelforgeDescription
    /// What Apus writes itself.
    case store

    /// - Throws: ``ApusError`` when the file cannot be read or is none of them.
    init(of path: String) throws {
        if isFolder(path) {
            guard let format = try SourceFormat(folder: path) else { throw SourceFormat.unknown(path) }
            self = format
            return
        }
        let start = try firstBytes(of: path, count: 4096)
        let unpacked = try firstDecompressedBytes(of: path, count: 4096)
        if HDF5File.isHDF5(start) {
            self = .hdf5
        } else if HDF5File.isHDF5(unpacked) {
            throw ApusError(
                .data, file: path, problem: "this is a compressed HDF5 file", remedy: "decompress it with gunzip")
        } else if SQLiteDatabase.isSQLite(start) {
            self = .aseDatabase
        } else if start.starts(with: "PK".utf8) {
            try SourceFormat.requireArrays(in: path)
            self = .numpyArchive
        } else if DatasetStore.isStore(start) {
            self = .store
        } else if unpacked.count > 262, unpacked[257..<262].elementsEqual("ustar".utf8) {
            try SourceFormat.requireQM9(in: path)
            self = .qm9
        } else if let remedy = SourceFormat.remedy(forStart: start, path: path) {
            throw ApusError(.data, file: path, problem: remedy.problem, remedy: remedy.remedy)
        } else if let format = SourceFormat(
            text: Array(unpacked.starts(with: [0xef, 0xbb, 0xbf]) ? unpacked.dropFirst(3) : unpacked[...]), path: path)
        {
            self = format
        } else {
            throw SourceFormat.unknown(path)
        }
    }

    /// What to do about a form that is not read, by its first bytes.
    private static func remedy(forStart start: [UInt8], path: String) -> (problem: String, remedy: String)? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if start.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            return ("the file is compressed with xz", "decompress it with: unxz --keep '\(name)'")
        }
        if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            return ("the file is compressed with zstd", "decompress it with: unzstd '\(name)'")
        }
        if start.starts(with: [0xff, 0xfe]) || start.starts(with: [0xfe, 0xff]) {
            return (
                "the text is in UTF-16, as PowerShell's '>' writes it",
                "convert it with: iconv -f UTF-16 -t UTF-8 '\(name)' > utf8.xyz"
            )
        }
        return nil
    }

    /// A zip archive may hold anything; only arrays of NumPy are read from it.
    private static func requireArrays(in path: String) throws {
        guard try NumpyArchive.read(path).names.isEmpty else { return }
        throw ApusError(
            .data, file: path, problem: "this is a zip archive without arrays of NumPy",
            remedy: "unpack it with unzip and name a file of it")
    }

    /// A tar archive may hold anything; only QM9's files are read from it.
    private static func requireQM9(in path: String) throws {
        let archive = try TarArchive(reading: path)
        var first: String?
        while let member = try archive.next() {
            first = first ?? member.name
            guard member.name.hasSuffix(".xyz") else { continue }
            let lines = member.bytes.prefix(4096).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            if lines.count > 1, lines[1].starts(with: "gdb".utf8) { return }
            break
        }
        throw ApusError(
            .data, file: path, problem: "this is a tar archive, and its files are not those of QM9",
            remedy: "unpack it with 'tar -xf' and name a file of it")
    }

    private init?(text: [UInt8], path: String) {
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 8, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let trimmed = lines.map { line in line.filter { !$0.isWhitespace } }
        if text.isEmpty, [".xyz", ".extxyz"].contains(where: path.hasSuffix) {
            self = .extendedXYZ
        } else if let first = trimmed.firstIndex(where: { !$0.isEmpty }), let count = Int(trimmed[first]), count > 0 {
            self = first + 1 < lines.count && lines[first + 1].hasPrefix("gdb ") ? .qm9 : .extendedXYZ
        } else if [".xyz", ".extxyz", ".xyz.gz", ".extxyz.gz"].contains(where: path.lowercased().hasSuffix) {
            self = .extendedXYZ
        } else if [".yaml", ".yml"].contains(where: path.lowercased().hasSuffix) {
            self = .modelforgeDescription
        } else {
            return nil
        }
    }

    private init?(folder: String) throws {
        if try !DeePMDReader.systems(below: folder).isEmpty {
            self = .deepMD
        } else if try namesInFolder(folder).contains(where: { $0.hasSuffix(".xyz") }) {
            self = .qm9
        } else {
            return nil
        }
    }

    private static func unknown(_ path: String) -> ApusError {
        ApusError(
            .data, file: path, problem: "the format of the file is not known",
            remedy: "extended XYZ, npz, HDF5 (modelforge, SPICE, ANI, TorchANI), ASE .db, QM9's xyz and DeePMD's npy "
                + "folders can be read")
    }
}
