import ApusChemistry
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusDatasets
@testable import ApusFiles
@testable import ApusFormats
@testable import ApusRun
@testable import ApusTraining

/// Damaged input of every format ends in an error or in data, without crash, hang, or memory out of proportion.
@Suite(.serialized) struct FuzzTests {
    private func fuzz(
        _ name: String, seeds: [[UInt8]], runs: Int = FuzzRun.runs, areSound: Bool = true,
        _ parse: ([UInt8]) throws -> Void
    ) throws {
        try FuzzRun.fuzz(name, seeds: seeds, runs: runs, areSound: areSound, parse)
    }

    /// The path of a file that other programs wrote.
    private func fixture(_ name: String) -> String { "\(packageRoot)/Tests/ApusDatasetsTests/Fixtures/\(name)" }

    private func seeds(_ names: String...) throws -> [[UInt8]] { try names.map { try readFile(path: fixture($0)) } }

    private func other(_ name: String) throws -> [[UInt8]] {
        [try readFile(path: "\(packageRoot)/Tests/Fixtures/Files/\(name)")]
    }

    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try body(folder.path)
    }

    /// Everything that reading does with a source.
    private func read(_ reader: any ConfigurationReader) throws {
        let options = ReadingOptions()
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
        try fuzz("xyz", seeds: try seeds("ase.extxyz") + [Array(more.utf8)], areSound: false) { bytes in
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
        try inFolder { folder in
            try DatasetImport().run([fixture("ase.extxyz")], to: folder + "/a.apus")
            let store = try readFile(path: folder + "/a.apus")
            try fuzz("safetensors", seeds: [store]) { _ = try Safetensors(bytes: $0, file: "a") }
            try fuzz("store", seeds: [store]) { bytes in
                try FuzzRun.write(bytes, to: folder + "/b.apus")
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

    /// The library itself runs in another process, which may crash or use up its time.
    @Test func filesOfHDF5() throws {
        HDF5Worker.use(program: ProgramRun.program, seconds: 2)
        let files = try seeds("aimnet.h5", "ani1.h5", "modelforge_grouped.hdf5", "modelforge.hdf5", "spice.hdf5")
        try fuzzFiles("hdf5", seeds: files, runs: 250)
    }

    @Test func databases() throws {
        // The library has pages of 4096 bytes, and little of them is used.
        try fuzzFiles("sqlite", seeds: try seeds("schnetpack.db", "ase.db", "ase_old.db"))
        try fuzzFiles("traj", seeds: try seeds("ase.traj", "fixed.traj"))
        try fuzzFiles("asejson", seeds: try seeds("ase.json", "fixed.json"))
    }

    @Test func compressedFiles() throws {
        try fuzzFiles("gzip", seeds: try other("ase.extxyz.gz"))
        try fuzzFiles("bzip2", seeds: try other("ase.extxyz.bz2"))
        try fuzzFiles("xz", seeds: try other("ase.extxyz.xz"))
        try fuzzFiles("zstd", seeds: try other("ase.extxyz.zst"))
        try fuzzFiles("tar", seeds: try seeds("qm9.tar.bz2"))
        try fuzzFiles("zip", seeds: try seeds("md17.npz", "sgdml.npz"))
    }

    /// Everything that an import does with a file.
    private func fuzzFiles(_ name: String, seeds: [[UInt8]], runs: Int = FuzzRun.runs) throws {
        try inFolder { folder in
            try fuzz(name, seeds: seeds, runs: runs) { bytes in
                try FuzzRun.write(bytes, to: "\(folder)/a")
                try read(openReader("\(folder)/a", options: ReadingOptions()))
            }
        }
    }

    @Test func models() throws {
        let folder = "\(packageRoot)/Tests/Fixtures/Models"
        let models = try namesInFolder(folder).flatMap { version in
            try namesInFolder("\(folder)/\(version)").filter { $0.hasSuffix(".apus") }.map {
                "\(folder)/\(version)/\($0)"
            }
        }
        try inFolder { folder in
            try fuzz("model", seeds: try models.map { try readFile(path: $0) }, runs: 250) { bytes in
                try FuzzRun.write(bytes, to: "\(folder)/a.apus")
                _ = try ModelFile.read("\(folder)/a.apus")
            }
        }
    }

    @Test func checkpoints() throws {
        let trained = try TrainedModel.get()
        let checkpoints = "\(trained.folder)/run/checkpoints"
        let files = try namesInFolder(checkpoints).filter { $0.hasSuffix(".checkpoint") }
        try inFolder { folder in
            try fuzz("checkpoint", seeds: try files.map { try readFile(path: "\(checkpoints)/\($0)") }) { bytes in
                try FuzzRun.write(bytes, to: "\(folder)/a.checkpoint")
                _ = try Checkpoint.read("\(folder)/a.checkpoint")
            }
        }
    }

    @Test func configurations() throws {
        let text = Molecules.configuration(
            run: "run", dataset: "element_filter = [[6, 1], [7, -8]]\nmaximum_force = \"5 eV/angstrom\"")
        try fuzz("toml", seeds: [Array(text.utf8)]) { bytes in
            let input = String(decoding: bytes, as: UTF8.self)
            _ = try ConfigurationDocument(toml: input, file: "a.toml").resolve().configuration.toml
        }
    }

    /// Layouts above the library: sound HDF5 files with arrays of wrong names, shapes, types and attributes.
    @Test func layoutsOfHDF5() throws {
        try inFolder { folder in
            let path = folder + "/a.h5"
            let seeds = [(0..<64).map { UInt8($0) }, [UInt8](repeating: 0, count: 64)]
            try fuzz("layouts", seeds: seeds, areSound: false) { bytes in
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
