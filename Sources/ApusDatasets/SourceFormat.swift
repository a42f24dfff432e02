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
            self = .numpyArchive
        } else if DatasetStore.isStore(start) {
            self = .store
        } else if unpacked.count > 262, unpacked[257..<262].elementsEqual("ustar".utf8) {
            self = .qm9
        } else if let format = SourceFormat(text: unpacked, path: path) {
            self = format
        } else {
            throw SourceFormat.unknown(path)
        }
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
