import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusTestSupport
import Testing

/// What is said of molecules whose total energies the training could not determine.
@Suite struct CompositionTests {
    private let folder: TemporaryFolder
    private let sentence = "the training does not determine the total energies of"

    init() throws {
        folder = try TemporaryFolder()
        var waters: [String] = []
        _ = Molecules.text(frames: 32) { lines, frame in if frame % 2 == 1 { waters += lines } }
        _ = try folder.write(waters.joined(separator: "\n") + "\n", to: "data.extxyz")
        _ = try folder.write(Molecules.text(), to: "both.extxyz")
    }

    private func train(_ dataset: String = "") throws -> ProgramRun {
        let configuration = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", dataset: dataset), to: "config.toml")
        return try ProgramRun(["train", configuration, "--overwrite"])
    }

    private func warnings(_ command: String, _ data: String, _ options: [String] = []) throws -> [Substring] {
        let run = try ProgramRun([command, "\(folder.path)/run/model.apus", "\(folder.path)/\(data)"] + options)
        #expect(run.code == 0, "\(run.messages)")
        return run.messages.split(separator: "\n").filter { $0.contains(sentence) }
    }

    @Test func otherProportionsAreWarnedOf() throws {
        let trained = try train()
        #expect(trained.code == 0 && trained.messages.contains("do not determine the self-energies of H, O"))
        #expect(!trained.messages.contains(sentence), "\(trained.messages)")
        let model = try ModelFile.read("\(folder.path)/run/model.apus").model
        #expect(model.compositions?.compositions == [[Element.all[0]: 2, Element.all[7]: 1]])
        for (command, options) in [("predict", ["-o", "\(folder.path)/out.extxyz"]), ("evaluate", [])] {
            let found = try warnings(command, "both.extxyz", options)
            #expect(found.count == 1 && found[0].contains("\(sentence) 8 of 16 configurations, first H2"), "\(found)")
            #expect(try warnings(command, "data.extxyz", options).isEmpty)
        }
        let training = try folder.write(
            Molecules.configuration(run: "\(folder.path)/other", dataset: "test_file = \"both.extxyz\""),
            to: "other.toml")
        #expect(
            try ProgramRun(["train", training, "--dry-run"]).output.contains(
                "8 of 16 configurations of the test part, first H2"))
    }

    /// Self-energies that are given hold for all molecules, and so do those of a training on all proportions.
    @Test func nothingIsUndeterminedWithGivenEnergies() throws {
        #expect(try train("atomic_self_energies = { H = \"-10 eV\", O = \"-10 eV\" }").code == 0)
        #expect(try ModelFile.read("\(folder.path)/run/model.apus").model.compositions == nil)
        #expect(try warnings("evaluate", "both.extxyz").isEmpty)
        let trained = try TrainedModel.get()
        #expect(try ModelFile.read(trained.model).model.compositions == nil)
    }
}
