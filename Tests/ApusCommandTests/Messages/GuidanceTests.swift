import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

/// Messages whose advice works when it is followed.
@Suite struct GuidanceTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// The folder of a run stands for its model in every command that takes one.
    @Test func theFolderOfARunIsItsModel() throws {
        let trained = try TrainedModel.get()
        let run = "\(trained.folder)/run"
        for (command, more) in [
            (["predict"], [trained.data, "-o", "\(folder.path)/out.extxyz"]),
            (["check"], [trained.data, "--count", "1"]), (["model", "info"], []), (["model", "program"], []),
        ] {
            let byFolder = try ProgramRun(command + [run] + more)
            let byFile = try ProgramRun(command + [trained.model] + more)
            #expect(byFolder.code == 0 && byFolder.output == byFile.output, "\(command): \(byFolder.messages)")
            let other = try ProgramRun(command + [folder.path] + more)
            #expect(other.code == 66 && other.messages.contains("not the folder of a run"), "\(command)")
        }
    }

    @Test func dataInPlaceOfAConfiguration() throws {
        let data = try folder.write(Molecules.text(), to: "mol.extxyz")
        let fixtures = "\(packageRoot)/Tests/ApusDatasetsTests/Fixtures"
        for file in [data, "\(fixtures)/md17.npz", "\(fixtures)/ase.db"] {
            let run = try ProgramRun(["train", file])
            #expect(run.code == 64 && run.errors.count == 1, "\(run.messages)")
            #expect(run.messages.contains("write a configuration for them with 'apus init"), "\(run.messages)")
        }
    }

    /// A network that knows charges asks for them in the words of the format, and not for columns of atoms.
    @Test func chargesThatAModelNeeds() throws {
        func write(_ add: String) throws {
            _ = try folder.write(
                Molecules.text { lines, _ in
                    lines[1].replace("forces:R:3", with: "forces:R:3:hirshfeld:R:1")
                    lines[1] += add
                    for row in 2..<lines.count { lines[row] += " 0.5" }
                }, to: "data.extxyz")
        }
        try write("")
        let configuration = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "config.toml")
        let arguments = [
            "train", configuration, "--dry-run", "--set",
            "potential.core_parameter.featurization.properties_to_featurize="
                + "[\"atomic_number\", \"per_system_total_charge\"]",
        ]
        let refused = try ProgramRun(arguments)
        #expect(refused.code == 65, "\(refused.messages)")
        #expect(refused.messages.contains("write total_charge=0 in the comment line of every frame"))
        #expect(refused.errors.count == 1 && refused.errors.allSatisfy { !$0.contains("hirshfeld") })
        try write(" total_charge=0")
        let accepted = try ProgramRun(arguments)
        #expect(accepted.code == 0, "\(accepted.messages)")
    }

    @Test func oneRemedyOfTheRightDimension() throws {
        let data = try folder.write(Molecules.text(), to: "mol.extxyz")
        let arguments = ["data", "convert", data, "-o", "\(folder.path)/a.extxyz"]
        let run = try ProgramRun(arguments + ["--maximum-force", "10"])
        #expect(run.code == 64 && run.messages.contains("has no unit; write a number with its unit, such as \"50 eV/"))
        #expect(!run.messages.contains("5.0 angstrom"), "\(run.messages)")
        let none = try ProgramRun(arguments + ["--elements", "S"])
        #expect(none.messages.contains("(elements S)"), "\(none.messages)")
    }

    /// Sizes beside a file of test data: what the message proposes is accepted.
    @Test func sizesBesideATestFile() throws {
        _ = try folder.write(Molecules.text(frames: 20), to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", dataset: "test_file = \"data.extxyz\""),
            to: "config.toml")
        func run(_ sizes: String) throws -> ProgramRun {
            try ProgramRun([
                "train", configuration, "--dry-run", "--set", "training.splitting_strategy.data_split=\(sizes)",
            ])
        }
        let refused = try run("[0.8, 0.1, 0.1]")
        #expect(refused.code == 64 && refused.errors.count == 1, "\(refused.messages)")
        let proposed = try #require(refused.messages.firstMatch(of: /as in (\[[0-9., ]+\])/)?.output.1)
        #expect(try run(String(proposed)).code == 0)
    }

    /// Cells survive a conversion.
    @Test func periodicDataCanBeLookedAtAndConverted() throws {
        let data = try folder.write(
            Molecules.text { lines, _ in lines[1] += " Lattice=\"9 0 0 0 9 0 0 0 9\"" }, to: "a.extxyz")
        let run = try ProgramRun(["data", "info", data])
        #expect(run.code == 0 && run.output.contains("16 of 2 molecules"), "\(run.messages)")
        #expect(run.output.contains("16 periodic along abc") && run.output.contains("729.00 Å^3"), "\(run.output)")
        let (database, back) = ("\(folder.path)/a.db", "\(folder.path)/b.extxyz")
        #expect(try ProgramRun(["data", "convert", data, "-o", database]).code == 0)
        #expect(try ProgramRun(["data", "convert", database, "-o", back]).code == 0)
        let lines = String(decoding: try readFile(path: back), as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0.contains("Lattice=\"9.0 0.0 0.0 0.0 9.0 0.0 0.0 0.0 9.0\"") } == 16)
        #expect(lines.count { $0.contains("pbc=\"T T T\"") } == 16)
    }
}
