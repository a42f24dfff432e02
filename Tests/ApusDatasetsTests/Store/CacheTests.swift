import ApusChemistry
import ApusFiles
import Dispatch
import Synchronization
import Testing

@testable import ApusDatasets

/// Sources are imported once, and again when they change.
@Suite struct CacheTests {
    private func text(_ energy: Double) -> [UInt8] {
        Array("2\nProperties=species:S:1:pos:R:3 energy=\(energy)\nH 0 0 0\nF 0 0 0.9\n".utf8)
    }

    /// The energy that the cache has for a source, and whether it was imported now.
    private func energy(_ source: String, _ folder: String) throws -> (Double?, imported: Bool) {
        var imported = false
        let store = try DatasetCache(folder: folder + "/cache").store(of: source, DatasetImport()) { event in
            if case .understood = event { imported = true }
        }
        return (store.label(.energy, 0)?[0], imported)
    }

    @Test func aSourceIsImportedOnce() throws {
        try withFolder { folder in
            let source = folder + "/a.xyz"
            try writeFileAtomically(path: source, bytes: text(-1.5))
            #expect(try energy(source, folder) == (-1.5, true))
            #expect(try energy(source, folder) == (-1.5, false))
            // The same content elsewhere is the same.
            try writeFileAtomically(path: folder + "/sub.xyz", bytes: text(-1.5))
            #expect(try energy(folder + "/sub.xyz", folder).0 == -1.5)
            // Changed content of the same length is noticed.
            try writeFileAtomically(path: source, bytes: text(-2.5))
            #expect(try energy(source, folder) == (-2.5, true))
            try writeFileAtomically(path: source, bytes: text(-1.5))
            #expect(try energy(source, folder) == (-1.5, false))
            // Other options make another file.
            var importing = DatasetImport()
            importing.precision = .float32
            #expect(try DatasetCache(folder: folder + "/cache").store(of: source, importing).hasSinglePositions)
        }
    }

    /// What a description of modelforge says lies in another file.
    @Test func aDescriptionIsItsFileToo() throws {
        try withFolder { folder in
            let path = folder + "/modelforge.yaml"
            try writeFileAtomically(path: path, bytes: try readFile(path: fixture("modelforge.yaml")))
            let data = try readFile(path: fixture("modelforge.hdf5"))
            try writeFileAtomically(path: folder + "/modelforge.hdf5", bytes: data)
            let before = try SourceFingerprint(of: path)
            #expect(before.statuses.count == 2 && before.size > data.count)
            try writeFileAtomically(path: folder + "/modelforge.hdf5", bytes: data + [0])
            #expect(try SourceFingerprint(of: path).digest != before.digest)
        }
    }

    @Test func damagedFilesAreMadeAnew() throws {
        try withFolder { folder in
            let source = folder + "/a.xyz"
            try writeFileAtomically(path: source, bytes: text(-1.5))
            _ = try energy(source, folder)
            let name = try #require(try namesInFolder(folder + "/cache").first { $0.hasSuffix(".apus") })
            let path = folder + "/cache/" + name
            var bytes = try readFile(path: path)
            bytes[bytes.count - 3] ^= 1
            try writeFileAtomically(path: path, bytes: bytes)
            #expect(try energy(source, folder) == (-1.5, true))
            #expect(try energy(source, folder) == (-1.5, false))
        }
    }

    /// Two at once: one imports, the other waits and uses the result.
    @Test func onlyOneImports() throws {
        try withFolder { folder in
            let source = folder + "/a.xyz"
            try writeFileAtomically(path: source, bytes: (0..<2000).flatMap { text(-Double($0)) })
            let imports = Mutex(0)
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do {
                    let store = try DatasetCache(folder: folder + "/cache").store(of: source, DatasetImport()) {
                        event in
                        if case .understood = event { imports.withLock { $0 += 1 } }
                    }
                    if store.count != 2000 { failures.withLock { $0.append("\(store.count)") } }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            #expect(imports.withLock { $0 } == 1)
        }
    }

    @Test func importedFilesAreUsedAsTheyAre() throws {
        try withFolder { folder in
            try writeFileAtomically(path: folder + "/a.xyz", bytes: text(-1.5))
            try DatasetImport().run([folder + "/a.xyz"], to: folder + "/a.apus")
            #expect(try energy(folder + "/a.apus", folder) == (-1.5, false))
            #expect(!fileExists(folder + "/cache"))
        }
    }
}
