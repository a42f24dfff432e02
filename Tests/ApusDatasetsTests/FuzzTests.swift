import ApusChemistry
import ApusFiles
import Testing

@testable import ApusDatasets

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Damaged input of every format ends in an error or in data, without crash, hang, or memory out of proportion.
///
/// Each parser runs for `APUS_FUZZ_SECONDS` seconds, by default one; the seeds are the fixtures. The numbers depend on
/// `APUS_FUZZ_SEED` alone, so a crash can be repeated; the input that was last tried stays in `APUS_FUZZ_FOLDER`.
@Suite(.serialized) struct FuzzTests {
    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    private static let seconds = variable("APUS_FUZZ_SECONDS").flatMap { Double($0) } ?? 1
    private static let seed = variable("APUS_FUZZ_SEED").flatMap { UInt64($0) } ?? 1
    private static let folder = variable("APUS_FUZZ_FOLDER")
    /// No input of 64 KiB may take longer, in seconds; a loaded machine needs some patience.
    private static let patience = 5.0
    /// Memory that all inputs together may add to the process, in bytes.
    private static let memory = 600_000_000

    private func fuzz(_ name: String, seeds: [[UInt8]], _ parse: ([UInt8]) throws -> Void) throws {
        var mutator = Mutator(seeds: seeds, seed: Self.seed)
        let memoryBefore = residentMemory()
        let start = now()
        var count = 0
        var slowest = 0.0
        for seed in seeds { try? parse(seed) }
        while now() - start < Self.seconds {
            let input = mutator.next()
            if let folder = Self.folder { try writeFileAtomically(path: "\(folder)/\(name)", bytes: input) }
            let begin = now()
            do {
                try parse(input)
            } catch {
                #expect(!(error is CancellationError))
            }
            slowest = max(slowest, now() - begin)
            count += 1
        }
        #expect(slowest < Self.patience, "\(name): an input took \(slowest) s")
        #expect(residentMemory() - memoryBefore < Self.memory, "\(name): memory grew")
        #expect(count > 10, "\(name): only \(count) inputs")
        if Self.seconds > 1 { print("fuzz \(name): \(count) inputs, slowest \(slowest) s") }
    }

    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }

    private func residentMemory() -> Int {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF, which has different types
        #if canImport(Glibc)
        return usage.ru_maxrss * 1024
        #else
        return usage.ru_maxrss
        #endif
    }

    private func seeds(_ names: String...) throws -> [[UInt8]] { try names.map { try readFile(path: fixture($0)) } }

    /// Everything that reading does with a source.
    private func read(_ reader: any ConfigurationReader) throws {
        var options = ReadingOptions()
        options.keepsCells = true
        var builder = ConfigurationBuilder(from: reader.units, options)
        while let frame = try reader.next() { _ = try builder.configuration(frame) }
        _ = reader.interpretation.lines
    }

    @Test func extendedXYZ() throws {
        let more = """
            2
            Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:Z:I:1:flag:L:1 energy=-1.5e0 a=[1, 2] \
            b=[[1.5, 2],[3, 4]] c="_JSON {\\"k\\": [1, null]}" d={1 2 3} pbc="T F T" units="eV, angstrom" e
            H 0 0 0 1 T
            O 0 0 1.5D0 8 F

            """
        try fuzz("xyz", seeds: try seeds("ase.extxyz") + [Array(more.utf8)]) { bytes in
            try read(
                ExtendedXYZReader(
                    ExtendedXYZ.FrameStream(bytes: bytes, file: "a"), path: "a", options: ReadingOptions()))
        }
    }

    @Test func numpyArchives() throws {
        try fuzz("npz", seeds: try seeds("md17.npz", "rmd17.npz", "sgdml.npz")) { bytes in
            let archive = try NumpyArchive(bytes: bytes, file: "a")
            for name in archive.names { _ = try? archive[name].strings() }
            try read(NumpyArchiveReader(archive, path: "a", options: ReadingOptions()))
        }
        let arrays = try seeds("deepmd/mixed/set.000/coord.npy", "deepmd/mixed/set.000/real_atom_types.npy")
        try fuzz("npy", seeds: arrays) { _ = try NumpyArray(bytes: $0, file: "a").doubles() }
    }

    @Test func safetensorsAndStores() throws {
        try withFolder { folder in
            try DatasetImport().run([fixture("ase.extxyz")], to: folder + "/a.apus")
            let store = try readFile(path: folder + "/a.apus")
            try fuzz("safetensors", seeds: [store]) { _ = try Safetensors(bytes: $0, file: "a") }
            try fuzz("store", seeds: [store]) { bytes in
                // Written in place, since renaming would wait for the disk.
                let descriptor = open(folder + "/b.apus", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
                defer { close(descriptor) }
                #expect(write(descriptor, bytes, bytes.count) == bytes.count)
                for configuration in try Dataset.read(path: folder + "/b.apus").configurations {
                    _ = configuration.energy
                }
            }
        }
    }

    @Test func blobsOfASE() throws {
        let rows = try SQLiteDatabase(reading: fixture("schnetpack.db")).prepare("SELECT data FROM systems")
        var blobs: [[UInt8]] = []
        while try rows.step() {
            if case .blob(let bytes) = rows.value(0) { blobs.append(bytes) }
        }
        try fuzz("ase", seeds: blobs) { _ = try ASEData(bytes: $0) }
        let text = Array(#"{"gap": 0.5, "s": {"__ndarray__": [[4], "float64", [0.0, 1.0, 2.0, 3.0]]}}"#.utf8)
        try fuzz("asetext", seeds: [text]) { _ = try ASEData(text: String(decoding: $0, as: UTF8.self)) }
    }

    @Test func descriptionsAndSmallFiles() throws {
        try fuzz("yaml", seeds: try seeds("modelforge.yaml")) {
            _ = try YAMLDocument.read(String(decoding: $0, as: UTF8.self))
        }
        try fuzz("qm9", seeds: try seeds("qm9/dsgdb9nsd_000001.xyz", "qm9/dsgdb9nsd_000004.xyz")) {
            _ = try QM9Reader.frame($0, file: "a", place: Configuration.Place(), keys: [.energy: "U0", .charges: "q"])
        }
        try fuzz("smiles", seeds: [Array("[O-][N+](=O)[O-].[Ca+2:3]".utf8)]) {
            _ = formalCharge(ofSMILES: String(decoding: $0, as: UTF8.self))
        }
    }

    /// Layouts above the library: sound HDF5 files with arrays of wrong names, shapes, types and attributes.
    @Test func layoutsOfHDF5() throws {
        try withFolder { folder in
            let path = folder + "/a.h5"
            try fuzz("hdf5", seeds: [(0..<64).map { UInt8($0) }, [UInt8](repeating: 0, count: 64)]) { bytes in
                try writeLayout(bytes, to: path)
                try read(HDF5Reader(path: path, options: ReadingOptions()))
            }
        }
    }

    /// A file that the bytes decide: which of the usual arrays are there, and how they are wrong.
    private func writeLayout(_ bytes: [UInt8], to path: String) throws {
        let names = [
            "atomic_numbers", "species", "numbers", "coordinates", "conformations", "coord", "positions", "energies",
            "energy", "dft_total_energy", "forces", "dft_total_gradient", "n_configs", "grouped_indices", "smiles",
            "mbis_charges", "wb97x_dz.energy", "charge", "mult",
        ]
        let units = ["bohr", "hartree", "nm", "", "hartree/bohr", "kilojoule_per_mole", "furlong"]
        var rest = bytes[...]
        func byte() -> Int { Int(rest.popFirst() ?? 0) }
        let writer = try HDF5Writer(path)
        for group in 0..<(1 + byte() % 3) {
            try writer.group("/g\(group)")
            let (count, atoms) = (1 + byte() % 3, 1 + byte() % 3)
            var used: Set<String> = []
            for _ in 0..<(byte() % 12) {
                let name = names[byte() % names.count]
                guard used.insert(name).inserted else { continue }
                let shapes = [
                    [count], [atoms], [count, atoms], [count, atoms, 3], [count, 3], [count, 1], [atoms, 1], [], [0],
                    [count + 1, atoms, 3], [count, atoms, 1], [2, 2, 2, 2],
                ]
                let shape = shapes[byte() % shapes.count]
                let size = shape.reduce(1, *)
                let attributes: KeyValuePairs = [
                    "units": units[byte() % units.count], "u": units[byte() % units.count],
                    "format": ["per_atom", "per_system", "atomic_numbers"][byte() % 3],
                    "property_type": ["length", "energy", "force", "charge"][byte() % 4],
                ]
                switch byte() % 4 {
                case 0:
                    try writer.write(
                        "/g\(group)/\(name)", (0..<size).map { $0 + 1 }, shape: shape, attributes: attributes)
                case 1: try writer.write("/g\(group)/\(name)", "[Na+]", attributes: attributes)
                default:
                    let value = [1.5, .nan, 1e300, -1][byte() % 4]
                    try writer.write(
                        "/g\(group)/\(name)", (0..<size).map { Double($0) * value }, shape: shape,
                        attributes: attributes)
                }
            }
        }
        try writer.finish()
    }
}
