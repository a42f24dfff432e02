import ApusFiles
import ApusTestSupport
import Testing

/// Data that change while they are trained on: the run ends with a sentence, and goes on once they are restored.
@Suite struct ChangingDataTests {
    private let folder: TemporaryFolder
    private let config: String
    private var data: String { "\(folder.path)/data.apus" }

    init() throws {
        folder = try TemporaryFolder()
        let source = try folder.write(Molecules.text(frames: 200), to: "data.extxyz")
        #expect(try ProgramRun(["data", "import", source, "-o", "\(folder.path)/data.apus"]).code == 0)
        config = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", data: "data.apus"), to: "a.toml")
    }

    /// Trains, and runs a command of the shell as soon as an epoch is done.
    private func train(_ command: String) throws -> ProgramRun {
        try ProgramRun(
            ["train", config, "--set", "training.number_of_epochs=100000"],
            script: "cd \(folder.path); \"$0\" \"$@\" & id=$!; cp data.apus copy.apus; "
                + "until [ -s run/metrics.jsonl ] || ! kill -0 $id; do sleep 0.02; done; \(command); wait $id")
    }

    @Test(arguments: [
        (": > data.apus", "the file was cut while it was in use"),
        ("head -c 9000 copy.apus > data.apus", "the file was cut while it was in use"),
        ("yes 12345 | head -c $(wc -c < copy.apus) > new; cat new > data.apus", "while it was in use"),
        ("printf x | dd of=data.apus bs=1 seek=12000 conv=notrunc 2>/dev/null", "the file was written to while"),
        ("cp copy.apus new.apus; mv new.apus data.apus", "the file was replaced by another while it was in use"),
    ])
    func aChangeEndsTheRun(command: String, problem: String) throws {
        let run = try train(command)
        #expect(run.code == 74, "\(run.messages)")
        #expect(run.errors.count == 1)
        #expect(run.errors.first?.contains("\(data): ") == true)
        #expect(run.errors.first?.contains(problem) == true, "\(run.messages)")
        // As the message says.
        let resumed = try ProgramRun(
            ["resume", "\(folder.path)/run", "--set", "training.number_of_epochs=1"],
            script: "cp \(folder.path)/copy.apus \(data); exec \"$0\" \"$@\"")
        #expect(resumed.code == 0, "\(resumed.messages)")
    }

    /// What is removed, a cache for example, is still there for who has it open.
    @Test func aRemovedFileDoesNoHarm() throws {
        let run = try train("rm data.apus; sleep 0.3; kill -TERM $id")
        #expect(run.code == 75, "\(run.messages)")
        #expect(run.errors.isEmpty)
    }
}
