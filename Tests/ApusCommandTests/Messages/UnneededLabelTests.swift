import ApusFiles
import ApusTestSupport
import Testing

/// Labels that nobody needs never stand in the way; what a dry run warns of, every command says.
@Suite struct UnneededLabelTests {
    /// A model that was trained on energies and forces, and the folder with it.
    private func model(_ folder: TemporaryFolder) throws -> String {
        _ = try folder.write(Molecules.text(frames: 40), to: "data.extxyz")
        let path = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "config.toml")
        let run = try ProgramRun(["train", path, "--quiet"])
        try #require(run.code == 0, "\(run.messages)")
        return "\(folder.path)/run/model.apus"
    }

    private func water(_ comment: String, hydrogen: String = "H 0.76 0 -0.48 0 0 0") -> String {
        """
        3
        Properties=species:S:1:pos:R:3:forces:R:3 \(comment)
        O 0 0 0.12 0 0 0
        \(hydrogen)
        H -0.76 0 -0.48 0 0 0

        """
    }

    /// Every such file gives the same prediction as the structure alone.
    @Test func predictLooksAtStructuresAlone() throws {
        let folder = try TemporaryFolder()
        let model = try model(folder)
        func predict(_ text: String) throws -> (output: String, run: ProgramRun) {
            let input = try folder.write(text, to: "in.extxyz")
            let output = "\(folder.path)/out.extxyz"
            let run = try ProgramRun(
                ["predict", model, input, "-o", output])
            try #require(run.code == 0, "\(text)\n\(run.messages)")
            return (String(decoding: try readFile(path: output), as: UTF8.self), run)
        }
        let expected = try predict(water("")).output
        for text in [
            water("energy=-76.4 dipole=0.32"), water("energy=-76.4eV"), water("energy=-76 energy=-75"),
            water("energy=-76 REF_energy=-70"), water("energy=-76", hydrogen: "H 0.76 0 -0.48 nan 0 0"),
        ] {
            let found = try predict(text)
            #expect(found.output == expected)
            #expect(!found.run.messages.contains("warning"), "\(found.run.messages)")
        }
    }

    @Test func aLabelOfAnotherShapeIsLeftOutWithALine() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, _ in lines[1] += " dipole=0.32" }
        let path = try folder.write(data, to: "data.extxyz")
        let info = try ProgramRun(["data", "info", path])
        #expect(info.code == 0 && info.output.contains("left out"), "\(info.output)\(info.messages)")
        #expect(
            info.output.contains("dipole moment of 40 of 40 configurations, first frame 1, line 1: "), "\(info.output)")
        // The loss wants it.
        let configuration = try folder.write(
            Molecules.configuration(
                run: "\(folder.path)/run",
                training: "loss_parameter = { loss_components = [\"per_system_dipole_moment\"] }"),
            to: "config.toml")
        let refused = try ProgramRun(["train", configuration])
        #expect(refused.code != 0)
        let good = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "config.toml")
        let run = try ProgramRun(["train", good])
        #expect(run.code == 0 && run.messages.contains("left out: dipole moment"), "\(run.messages)")
    }

    @Test func keysThatAgreeWithinTheirDigitsAreOne() throws {
        let folder = try TemporaryFolder()
        func info(_ comment: String) throws -> ProgramRun {
            try ProgramRun(["data", "info", try folder.write(water(comment), to: "in.extxyz")])
        }
        #expect(try info("energy=-76 charge=0.0 total_charge=0.0000001").code == 0)
        #expect(try info("energy=-76.4123456789 REF_energy=-76.412346").code == 0)
        #expect(try info("energy=-76.41 energy=-76.41").code == 0)
        for comment in [
            "energy=-76.4123 REF_energy=-76.4125", "energy=-76 energy=-75", "energy=-7 charge=0 total_charge=1",
        ] {
            let run = try info(comment)
            #expect(run.code == 65 && run.errors.count == 1, "\(comment): \(run.messages)")
        }
    }

    /// Ions that a network without charges cannot tell apart: said once by every command that knows.
    @Test func everyCommandSaysThatTheChargeIsUnknown() throws {
        let folder = try TemporaryFolder()
        let model = try model(folder)
        let data = try folder.write(
            Molecules.text(frames: 40) { lines, frame in lines[1] += " total_charge=\(frame % 4 == 1 ? -1 : 0)" },
            to: "ions.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(run: "\(folder.path)/ions", data: "ions.extxyz"),
            to: "config.toml")
        for arguments in [
            ["train", configuration, "--dry-run"], ["train", configuration],
            ["resume", "\(folder.path)/ions", "--set", "training.number_of_epochs=3"], ["evaluate", model, data],
            ["predict", model, data, "-o", "\(folder.path)/out.extxyz"],
        ] {
            let run = try ProgramRun(arguments)
            let text = "the total charge of the systems differs, from -1 to 0, but is no input of the network"
            let all = run.output + run.messages
            #expect(
                run.code == 0 && all.split(separator: "\n").count { $0.contains(text) } == 1, "\(arguments): \(all)")
        }
    }
}
