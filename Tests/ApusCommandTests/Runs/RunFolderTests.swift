import ApusFiles
import ApusTestSupport
import Testing

/// A run folder is one run's: nothing is lost to a second one.
@Suite struct RunFolderTests {
    private let folder: TemporaryFolder
    private let configuration: String

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(frames: 40), to: "data.extxyz")
        configuration = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "a.toml")
    }

    private var run: String { "\(folder.path)/run" }

    private func train(_ more: [String] = [], script: String? = nil) throws -> ProgramRun {
        try ProgramRun(["train", configuration, "--quiet"] + more, script: script)
    }

    /// The content of every file below the run folder.
    private func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for part in [run, run + "/checkpoints", run + "/split"] {
            for name in try namesInFolder(part) where !isFolder("\(part)/\(name)") {
                contents["\(part)/\(name)"] = try readFile(path: "\(part)/\(name)")
            }
        }
        return contents
    }

    @Test func aUsedFolderIsRefused() throws {
        #expect(try train().code == 0)
        try createFolder("\(run)-2")
        let before = try contents()
        let refused = try train()
        #expect(refused.code == 64 && refused.errors.count == 1, "\(refused.messages)")
        #expect(
            refused.errors.first
                == "error: \(run): the folder holds an earlier run; go on with it by 'apus resume \(run)', replace it with "
                + "--overwrite, or choose another folder with --set runtime.output_directory=\(run)-3.")
        #expect(try contents() == before)
        // Each remedy works.
        #expect(try ProgramRun(["resume", run, "--quiet"]).code == 0)
        #expect(try train(["--set", "runtime.output_directory=\(run)-3"]).code == 0)
        #expect(try train(["--overwrite"]).code == 0)
    }

    /// All that the old run made goes, and what others made stays.
    @Test func overwritingRemovesTheOldRunAlone() throws {
        #expect(try train(["--set", "training.number_of_epochs=5"]).code == 0)
        _ = try folder.write("mine", to: "run/notes.txt")
        _ = try folder.write("mine", to: "run/checkpoints/notes.txt")
        _ = try folder.write("mine", to: "run/events.out.tfevents.17.node")
        let old = Set(try contents().keys)
        let again = try train(["--overwrite", "--set", "training.experiment_logger.logger_name=none"])
        #expect(again.code == 0, "\(again.messages)")
        let new = try contents()
        #expect(new["\(run)/notes.txt"] == Array("mine".utf8) && new["\(run)/checkpoints/notes.txt"] != nil)
        #expect(new.keys.filter { $0.contains("tfevents") } == ["\(run)/events.out.tfevents.17.node"])
        #expect(try namesInFolder(run + "/checkpoints").filter { $0.hasSuffix(".checkpoint") }.count == 2)
        #expect(old.contains { $0.contains("tfevents") && $0.hasSuffix(".apus") })
    }

    /// Data that cannot be read are noticed before anything of the old run is touched.
    @Test func aRunThatCannotBeginReplacesNothing() throws {
        #expect(try train().code == 0)
        let before = try contents()
        #expect(try train(["--overwrite", "--set", "dataset.file=none.extxyz"]).code == 66)
        #expect(try contents() == before)
    }

    /// Starts a training that does not end, waits for its first epoch, and does something beside it.
    private func beside(_ second: String) -> String {
        "\"$0\" \"$@\" --set training.number_of_epochs=1000000 2>/dev/null & id=$!; "
            + "until [ \"$(wc -l < \(run)/metrics.csv 2>/dev/null || echo 0)\" -gt 1 ]; do sleep 0.05; done; "
            + "\(second); code=$?; kill -KILL $id; wait $id 2>/dev/null; exit $code"
    }

    /// Trainings and resumptions in one folder exclude one another; a report does not disturb.
    @Test(arguments: [
        ("train A --overwrite", 64), ("resume RUN", 64), ("report RUN -o OTHER", 0),
    ])
    func aFolderInUseIsRefused(command: String, code: Int32) throws {
        let arguments = command.replacing("A ", with: configuration + " ").replacing("RUN", with: run)
            .replacing("OTHER", with: "\(folder.path)/report.html")
        let second = try train(["--set", "runtime.checkpoint_interval=0.001 s"], script: beside("\"$0\" \(arguments)"))
        #expect(second.code == code, "\(second.messages)")
        if code != 0 {
            let error = try #require(second.errors.first)
            #expect(error.contains(": process ") && error.contains(" is training in this folder; wait"), "\(error)")
        }
        // The lock has died with its process.
        #expect(
            try ProgramRun(["resume", run, "--quiet", "--set", "training.number_of_epochs=1"]).code == 0)
    }

    @Test func wordsForAShell() {
        #expect(shellWord("runs/a-1_b.c") == "runs/a-1_b.c" && shellWord("a b") == "'a b'" && shellWord("") == "''")
        #expect(shellWord("it's") == "'it'\\''s'")
    }
}
