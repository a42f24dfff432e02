import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets
@testable import ApusFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The program stands beside the tests; HDF5 files are read by it, in processes of their own.
let program: String = {
    // On Linux the tests are a program; on macOS another program loads them from the path in an argument.
    let tests = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    let parts = tests.split(separator: "/", omittingEmptySubsequences: false)
    let bundle = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
    return (parts[..<bundle] + ["apus"]).joined(separator: "/")
}()

/// Files that try to do harm, written by `Tools/make_hostile_fixtures.py`, end in a sentence or are read.
@Suite struct HostileFileTests {
    init() { HDF5Worker.use(program: program, seconds: 2) }

    /// The number of configurations, or what the error says after the name of the file.
    private func outcome(_ path: String) throws -> String {
        var text = ""
        let error = apusError {
            let reader = try openReader(path, options: ReadingOptions())
            var count = 0
            while try reader.next() != nil { count += 1 }
            text = "\(count) configurations"
        }
        return error.map { sentence($0) } ?? text
    }

    private func outcome(hostile name: String) throws -> String { try outcome(fixture("hostile/\(name)")) }

    @Test(arguments: [
        (
            "external_link.h5",
            "'/mol': this is a link to another file, which is not read; copy what it names into one file."
        ),
        ("link_behind_link.h5", "'/hidden/there': this is a link to another file"),
        (
            "external_storage.h5",
            "'/mol/energies': its values are in another file (external storage), which is not read"
        ),
        ("virtual.h5", "'/mol/energies': its values are in another file (a virtual data set), which is not read"),
        ("filter.h5", "'/mol/energies': it is compressed with filter 32000, which is not part of the HDF5 library"),
        ("big_chunk.h5", "'/mol/energies': its chunks have 300 MB each, but at most 268 MB are read"),
        ("expansion.h5", "'/mol/energies': its 80 MB are stored in 77 kB, and what expands to more than 200 times"),
        ("deep.h5", "groups are nested more than 32 deep"),
    ]) func refusedHDF5(name: String, beginning: String) throws {
        let sentence = try outcome(hostile: name)
        #expect(sentence.hasPrefix(beginning), "\(sentence)")
    }

    /// The same rules hold where the library runs in this process.
    @Test(arguments: [
        ("external_storage.h5", "its values are in another file"), ("virtual.h5", "its values are in another file"),
        ("filter.h5", "it is compressed with filter 32000"), ("big_chunk.h5", "its chunks have 300 MB"),
        ("expansion.h5", "its 80 MB are stored"),
    ]) func refusedInThisProcess(name: String, beginning: String) throws {
        let library = try HDF5Library(path: fixture("hostile/\(name)"))
        let error = apusError { _ = try library.answer(HDF5Request(operation: .open, name: "/mol/energies")) }
        #expect(error?.problem.hasPrefix(beginning) == true, "\(sentence(error))")
    }

    /// A group that contains itself, and one with 2³⁰ paths to it, are read once.
    @Test(arguments: ["cycle.h5", "diamond.h5", "attributes.h5"]) func groupsAreReadOnce(name: String) throws {
        #expect(try outcome(hostile: name) == "3 configurations")
    }

    /// Bytes of sound files that make libhdf5 1.10 crash or go on for ever.
    @Test(
        arguments: [
            ("aimnet.h5", [5906: 0, 5911: 1, 5912: 0, 7121: 128]), ("ani1.h5", [2584: 0, 4361: 32]),
        ] as [(String, [Int: UInt8])]) func crashesOfTheLibrary(name: String, changes: [Int: UInt8]) throws
    {
        let folder = try TemporaryFolder()
        var bytes = try readFile(path: fixture(name))
        for (place, byte) in changes { bytes[place] = byte }
        let sentence = try outcome(try folder.write(bytes, to: "a.h5"))
        // Another version of the library may notice the damage.
        let endings = [
            "crashed while reading it", "did not come to an end within 2 s", "damaged", "cannot be", "no group has",
        ]
        #expect(endings.contains(where: sentence.contains), "\(sentence)")
    }

    @Test func theProcessOpensNoOtherFile() throws {
        let file = try HDF5File(reading: fixture("hostile/link_behind_link.h5"))
        #expect(file.kind(of: "/mol/energies") == nil)
        #expect(file.kind(of: "/hidden/there") == nil)
        #expect(throws: ApusError.self) { try file.dataset("/mol/energies") }
    }

    @Test(arguments: [
        ("view.db", "'systems' is a view, which is not read, since it runs what the file says"),
        ("endless.db", "'systems' is a view"),
        ("virtual.db", "'systems' is a virtual table"),
        ("generated.db", "this database has no table 'systems' with 'numbers', as ASE writes it"),
        ("infinite.db", "metadata: atomrefs.energy[1] is inf; energies of atoms must be finite."),
    ]) func refusedDatabases(name: String, beginning: String) throws {
        let sentence = try outcome(hostile: name)
        #expect(sentence.hasPrefix(beginning), "\(sentence)")
    }

    @Test func databasesThatAreRead() throws {
        #expect(try outcome(hostile: "trigger.db") == (try outcome(fixture("schnetpack.db"))))
        // What stands in a log that was written ahead is part of the database, and nothing is created without one.
        let folder = try TemporaryFolder()
        let path = try folder.write(try readFile(path: fixture("hostile/log.db")), to: "log.db")
        _ = folder.file("log.db-shm")
        #expect(try openReader(path, options: ReadingOptions()).next()?.record != "in the log")
        #expect(try namesInFolder(folder.path) == ["log.db"])
        _ = try folder.write(try readFile(path: fixture("hostile/log.db-wal")), to: "log.db-wal")
        #expect(try openReader(path, options: ReadingOptions()).next()?.record == "in the log")
    }

    /// A value that is too long and a step that is too long.
    @Test func limitsOfDatabases() throws {
        let path = fixture("schnetpack.db")
        func problem(_ sql: String) throws -> String? {
            apusError { _ = try SQLiteDatabase(reading: path).prepare(sql).step() }?.problem
        }
        #expect(
            try problem("SELECT zeroblob(900000000)")
                == "a value has more than 100 MB, or a definition is too long")
        let endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
        #expect(try problem(endless) == "a row takes more than 20 million operations")
        #expect(try problem("SELECT load_extension('x')") != nil)
        #expect(try problem("ATTACH '/tmp/x.db' AS x") != nil)
    }
}
