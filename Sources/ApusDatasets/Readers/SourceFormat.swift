import ApusFiles
import ApusFormats

/// The formats of data files, told apart by their first bytes.
enum SourceFormat {
    case extendedXYZ, numpyArchive, hdf5, aseDatabase, aseTrajectory, aseJSON, qm9, deepMD, modelforgeDescription
    /// What Apus writes itself.
    case store

    /// - Throws: `ApusError` when the file cannot be read or is none of them.
    init(of path: String) throws {
        if isFolder(path) {
            guard let format = try SourceFormat(folder: path) else { throw SourceFormat.unknown(path) }
            self = format
            return
        }
        let start = try firstBytes(of: path, count: 4096)
        let compression = Compression(start: start)
        let content = compression == nil ? start : try firstDecompressedBytes(of: path, count: 4096)
        if HDF5File.isHDF5(content) {
            try SourceFormat.refuse("an HDF5 file", in: compression, path)
            self = .hdf5
        } else if SQLiteDatabase.isSQLite(content) {
            try SourceFormat.refuse("an SQLite database", in: compression, path)
            self = .aseDatabase
        } else if DatasetStore.isStore(content) {
            try SourceFormat.refuse("an imported data set", in: compression, path)
            self = .store
        } else if ULMFile.isULM(content) {
            self = .aseTrajectory
        } else if content.starts(with: "PK".utf8) {
            try SourceFormat.requireArrays(in: path)
            self = .numpyArchive
        } else if content.count > 262, content[257..<262].elementsEqual("ustar".utf8) {
            try SourceFormat.requireQM9(in: path)
            self = .qm9
        } else if content.starts(with: [0xff, 0xfe]) || content.starts(with: [0xfe, 0xff]) {
            throw SourceFormat.wideText(compression, path)
        } else if let format = SourceFormat(
            text: Array(content.starts(with: [0xef, 0xbb, 0xbf]) ? content.dropFirst(3) : content[...]), path: path)
        {
            self = format
        } else {
            throw SourceFormat.unknown(path)
        }
    }

    /// Refuses to read from a compressed file what is read at many places, by a library that opens it itself.
    private static func refuse(_ kind: String, in compression: Compression?, _ path: String) throws {
        guard let compression else { return }
        throw ApusError(
            .data, file: path, problem: "this is \(kind), compressed with \(compression.name)",
            remedy: "decompress it with: \(compression.unpackingCommand(path))")
    }

    private static func wideText(_ compression: Compression?, _ path: String) -> ApusError {
        let word = shellWord(path)
        let command = compression.map { "\($0.name) -dc \(word) | iconv -f UTF-16 -t UTF-8" }
        return ApusError(
            .data, file: path, problem: "the text is in UTF-16, as PowerShell's '>' writes it",
            remedy: "convert it with: \(command ?? "iconv -f UTF-16 -t UTF-8 \(word)") > utf8.xyz")
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
        let name = Compression.endings.reduce(path.lowercased()) {
            $0.hasSuffix($1) ? String($0.dropLast($1.count)) : $0
        }
        if text.isEmpty, [".xyz", ".extxyz"].contains(where: name.hasSuffix) {
            self = .extendedXYZ
        } else if let first = trimmed.firstIndex(where: { !$0.isEmpty }), let count = Int(trimmed[first]), count > 0 {
            self = first + 1 < lines.count && lines[first + 1].hasPrefix("gdb ") ? .qm9 : .extendedXYZ
        } else if [".xyz", ".extxyz"].contains(where: name.hasSuffix) {
            self = .extendedXYZ
        } else if [".yaml", ".yml"].contains(where: name.hasSuffix) {
            self = .modelforgeDescription
        } else if trimmed.first(where: { !$0.isEmpty })?.hasPrefix("{") == true {
            self = .aseJSON
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
            remedy:
                "extended XYZ, npz, HDF5 (modelforge, SPICE, ANI, TorchANI, AIMNet), modelforge's YAML, ASE .db, .traj and "
                + ".json, QM9's xyz and DeePMD's npy folders can be read")
    }
}
