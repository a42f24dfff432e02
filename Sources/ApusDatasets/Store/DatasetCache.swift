import ApusChemistry
import ApusFiles

/// A folder in which sources are imported once.
///
/// The name of an imported file is made of the digests of its sources and of the options, so that a changed source is
/// another file. A note beside it keeps what the system said of the sources, which spares reading them again.
public struct DatasetCache: Sendable {
    /// The folder.
    public let folder: String

    /// Names a folder, which is made when it is needed.
    public init(folder: String) {
        self.folder = folder
    }

    /// The imported form of a source; what was imported before is checked and used.
    ///
    /// Only one process imports at a time; others wait for it.
    ///
    /// - Throws: `ApusError` as ``DatasetImport/run(_:to:_:)``, and when the folder cannot be used.
    public func store(
        of source: String, _ importing: DatasetImport, _ report: (DatasetImport.Event) -> Void = { _ in }
    ) throws -> DatasetStore {
        if case .store = try SourceFormat(of: source) { return try DatasetStore(path: source) }
        try createFolder(folder)
        let note = try Note(of: source, in: folder)
        let digest = try note.digest()
        let name = name(of: source, digest: digest, importing)
        if fileExists(name), let store = try? DatasetStore(path: name) { return store }
        let lock = try FileLock(name + ".lock") { report(.waiting) }
        defer { withExtendedLifetime(lock) {} }
        // Another process may have imported it meanwhile; a damaged file is made anew.
        if fileExists(name), let store = try? DatasetStore(path: name) { return store }
        let store = try importing.run([source], to: name, digest: digest, report)
        try note.write(digest: digest)
        return store
    }

    /// The imported form of a source if it was imported before, else nil; nothing is written.
    ///
    /// - Throws: `ApusError` when the source cannot be read.
    public func existingStore(of source: String, _ importing: DatasetImport) throws -> DatasetStore? {
        if case .store = try SourceFormat(of: source) { return try DatasetStore(path: source) }
        guard fileExists(folder) else { return nil }
        let name = name(of: source, digest: try Note(of: source, in: folder).digest(), importing)
        return fileExists(name) ? try? DatasetStore(path: name) : nil
    }

    /// The file that a source of this digest is imported to.
    private func name(of source: String, digest: String, _ importing: DatasetImport) -> String {
        let key = SHA256.hexadecimal(
            Array(
                ([digest, "version \(DatasetInformation.version)"] + importing.texts).joined(separator: "\n").utf8))
        return "\(folder)/\(Note.stem(source))-\(key.prefix(16)).apus"
    }
}

/// What the system said of a source when its digest was computed.
private struct Note {
    private let path: String
    private let source: String
    private let statuses: [FileFingerprint.Status]

    init(of source: String, in folder: String) throws {
        self.source = source
        statuses = try SourceFingerprint.statuses(of: source)
        let name = SHA256.hexadecimal(Array((absolutePath(source)).utf8)).prefix(16)
        path = "\(folder)/\(Self.stem(source))-\(name).note"
    }

    /// `ethanol` of `/data/ethanol.xyz.gz`.
    static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last.map { String($0) } ?? "data"
        let stem = name.prefix { $0 != "." }
        return stem.isEmpty ? "data" : String(stem.prefix(40))
    }

    private var stamps: JSONValue {
        .array(statuses.map { .array(([$0.size] + $0.stamps).map { .integer($0) }) })
    }

    /// The digest that was noted, if the system still says the same; otherwise the source is read.
    func digest() throws -> String {
        if let bytes = try? readFile(path: path), let note = try? JSONValue(parsing: bytes),
            note["source"]?.string == absolutePath(source), note["stamps"] == stamps,
            let digest = note["sha256"]?.string
        {
            return digest
        }
        return try SourceFingerprint(of: source).digest
    }

    func write(digest: String) throws {
        let note = JSONValue.object([
            "source": .string(absolutePath(source)), "stamps": stamps, "sha256": .string(digest),
        ])
        try writeFileAtomically(path: path, bytes: Array("\(note)\n".utf8))
    }
}
