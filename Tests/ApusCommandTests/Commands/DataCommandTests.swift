import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

/// The commands of `apus data`, and what happens to data when something goes wrong.
@Suite struct DataCommandTests {
    private let folder: TemporaryFolder
    private let data: String

    init() throws {
        folder = try TemporaryFolder()
        data = try folder.write(Molecules.text(frames: 20), to: "data.extxyz")
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    @Test func importTellsWhatItUnderstood() throws {
        let run = try ProgramRun(["data", "import", data, "-o", path("a.apus"), "--json"])
        #expect(run.code == 0)
        #expect(run.messages.contains("energy from 'energy' in eV (stated by the file, energy_unit)"))
        let json = try JSONValue(parsing: run.output)
        #expect(json["configurations"]?.integer == 20)
        #expect(json["sources"]?.array?[0]["sha256"]?.string == SHA256.hexadecimal(try readFile(path: data)))
        let info = try ProgramRun(["data", "info", path("a.apus"), "--json"])
        #expect(try JSONValue(parsing: info.output)["configurations"]?.integer == 20)
    }

    @Test(arguments: ["extxyz", "db", "hdf5"]) func conversionsReadBack(format: String) throws {
        let output = path("b.\(format)")
        let units = format == "hdf5" ? "kJ/mol,nm" : "eV,angstrom"
        #expect(try ProgramRun(["data", "convert", data, "-o", output, "--units", units]).code == 0)
        var options = ReadingOptions()
        options.units = format == "hdf5" ? .kilojoulePerMoleNanometer : .electronvoltAngstrom
        let original = try Dataset.read(path: data, options: options).configurations
        let converted = try Dataset.read(path: output, options: options).configurations
        // modelforge's file is sorted by molecule.
        let order = format == "hdf5" ? original.sorted { $0.record < $1.record } : Array(original)
        #expect(converted.map(\.system) == order.map(\.system))
        #expect(converted.map(\.labels) == order.map(\.labels))
        #expect(converted.map(\.record) == order.map(\.record))
    }

    @Test func archivesHoldOneMolecule() throws {
        let refused = try ProgramRun(["data", "convert", data, "-o", path("b.npz")])
        #expect(refused.code == 65)
        #expect(refused.errors.first?.contains("an npz file holds configurations of the same atoms") == true)
        let water = try ProgramRun(["data", "convert", data, "-o", path("b.npz"), "--elements", "O"])
        #expect(water.code == 0)
        let original = try Dataset.read(path: data).configurations.filter { $0.system.count == 3 }
        let converted = try Dataset.read(path: path("b.npz")).configurations
        #expect(converted.map(\.system) == original.map(\.system))
        #expect(converted.map(\.labels) == original.map(\.labels))
        #expect(try ProgramRun(["data", "convert", data, "-o", path("b.txt")]).code == 64)
    }

    @Test func checkFindsWhatIsWrong() throws {
        let good = try ProgramRun(["data", "check", data, "--json"])
        #expect(good.code == 0)
        #expect(try JSONValue(parsing: good.output)["failed"] == .logical(false))
        let text = try String(decoding: readFile(path: data), as: UTF8.self)
        let twice = try folder.write(
            text + text
                + "2\nenergy=1 Properties=species:S:1:pos:R:3 length_unit=angstrom energy_unit=eV\nC 0 0 0\nC 0 0 0.4\n",
            to: "b.extxyz")
        let bad = try ProgramRun(["data", "check", twice, "--json"])
        #expect(bad.code == 1)
        let findings = try #require(try JSONValue(parsing: bad.output)["findings"]?.array)
        #expect(findings[0]["count"]?.integer == 1)
        #expect(findings[0]["examples"]?.array?[0]["index"]?.integer == 40)
        #expect(findings[2]["count"]?.integer == 20)
        let gradients = try ProgramRun(["data", "check", data, "--forces-are-gradients"])
        #expect(gradients.code == 1 || gradients.output.contains("too few near geometries"))
    }

    @Test func splitsAreWrittenAndRead() throws {
        let arguments = ["data", "split", data, "--strategy", "random_conformer_splitting_strategy", "--json"]
        let run = try ProgramRun(arguments + ["--sizes", "10,5,5", "-o", path("split")])
        #expect(run.code == 0)
        let json = try JSONValue(parsing: run.output)
        #expect(json["training"]?.array?.count == 10)
        #expect(json["leaks"]?.array?[0]["shared_molecules"]?.integer == 2)
        let files = ["training", "validation", "test"].flatMap { ["--index-file", path("split/\($0).csv")] }
        #expect(try ProgramRun(["data", "split", data, "--json"] + files).output == run.output)
        let wrong = try folder.write("0\n99\n", to: "wrong.csv")
        let refused = try ProgramRun(["data", "split", data, "--index-file", wrong, "--index-file", wrong])
        #expect(refused.code == 65)
        #expect(
            refused.errors.first?.contains(
                "wrong.csv, line 2: there is no configuration with the index 99, only 0 to 19") == true)
    }

    /// Training from the packed file gives the same bits as from the source, and from the cache.
    @Test func trainingIsTheSameFromTheMap() throws {
        #expect(try ProgramRun(["data", "import", data, "-o", path("a.apus")]).code == 0)
        var outputs: [String] = []
        for (name, file) in [("x", "data.extxyz"), ("y", "a.apus"), ("z", "data.extxyz")] {
            let config = try folder.write(
                Molecules.configuration(run: path("run-\(name)"), data: file), to: "\(name).toml")
            let run = try ProgramRun(
                ["train", config, "--set", "training.number_of_epochs=2", "--json"],
                environment: ["APUS_CACHE": path("cache")])
            #expect(run.code == 0, "\(run.messages)")
            outputs.append(run.output)
            #expect(run.messages.contains("imported before") == (name == "z" || name == "y"))
        }
        #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2])
        #expect(names(in: path("run-x/split"))?.contains("training.csv") == true)
    }

    // MARK: Failures

    /// A large source, so that an import takes a moment.
    private func largeSource() throws -> String {
        let text = try readFile(path: data)
        return try folder.write([[UInt8]](repeating: text, count: 2000).flatMap { $0 }, to: "large.extxyz")
    }

    @Test func aFullDiskIsAnError() throws {
        let source = try largeSource()
        // No file may have more than some kilobytes.
        let run = try ProgramRun(
            ["data", "import", source, "-o", path("a.apus")], script: "ulimit -f 200; exec \"$0\" \"$@\"")
        #expect(run.code == 74)
        #expect(run.errors.first?.contains("the file cannot be written (File too large); free some space") == true)
        #expect(names(in: folder.path) == ["data.extxyz", "large.extxyz"])
    }

    @Test func aKilledImportLeavesNothing() throws {
        let source = try largeSource()
        let run = try ProgramRun(
            ["data", "import", source, "-o", path("a.apus")],
            script: "\"$0\" \"$@\" & id=$!; sleep 0.15; kill -9 $id; wait $id; true")
        #expect(run.code == 0)
        #expect(names(in: folder.path) == ["data.extxyz", "large.extxyz"])
        #expect(try ProgramRun(["data", "import", source, "-o", path("a.apus")]).code == 0)
    }

    /// Two trainings at once import the source once between them.
    @Test func twoAtOnceShareTheCache() throws {
        let config = try folder.write(Molecules.configuration(run: path("run"), data: "data.extxyz"), to: "a.toml")
        let set = ["--set", "training.number_of_epochs=1"]
        let run = try ProgramRun(
            ["train", config] + set, environment: ["APUS_CACHE": path("cache")],
            script: "\"$0\" \"$@\" --set runtime.output_directory=\(path("r1")) & "
                + "\"$0\" \"$@\" --set runtime.output_directory=\(path("r2")); code=$?; wait $! && exit $code")
        #expect(run.code == 0, "\(run.messages)")
        #expect(names(in: path("cache"))?.filter { $0.hasSuffix(".apus") }.count == 1)
    }

    @Test func aDamagedFileIsNeverTrainedOn() throws {
        #expect(try ProgramRun(["data", "import", data, "-o", path("a.apus")]).code == 0)
        var bytes = try readFile(path: path("a.apus"))
        bytes[bytes.count / 2] ^= 4
        _ = try folder.write(bytes, to: "a.apus")
        let config = try folder.write(Molecules.configuration(run: path("run"), data: "a.apus"), to: "a.toml")
        let flipped = try ProgramRun(["train", config])
        #expect(flipped.code == 65)
        #expect(flipped.errors.first?.contains("the data set is damaged: the checksum of") == true)
        _ = try folder.write(Array(bytes.dropLast(10)), to: "a.apus")
        #expect(try ProgramRun(["train", config]).code == 65)
    }
}
