import ApusFiles
import ApusTestSupport
import Testing

#if os(Linux)
/// Commands where the system makes no threads: they work with the one there is, say so once, and heed signals.
@Suite struct ThreadLimitTests {
    private let folder: TemporaryFolder
    private let data: String
    /// Stacks of threads get the size of this limit, for which no address space has room.
    private static let withoutThreads = "ulimit -S -s 200000000000 && exec \"$0\" \"$@\""

    init() throws {
        folder = try TemporaryFolder()
        data = try folder.write(Molecules.text(frames: 20), to: "data.extxyz")
    }

    private func warnings(_ run: ProgramRun) -> Int {
        run.messages.split(separator: "\n").count { $0.contains("the system makes no more threads") }
    }

    @Test func trainingGivesTheSameBits() throws {
        var outputs: [String] = []
        for (name, script) in [("a", nil), ("b", Self.withoutThreads)] {
            let config = try folder.write(
                Molecules.configuration(run: "\(folder.path)/\(name)", data: "data.extxyz"), to: "\(name).toml")
            let run = try ProgramRun(
                [
                    "train", config, "--json", "--set", "training.number_of_epochs=2", "--set", "runtime.threads=3",
                ], script: script)
            #expect(run.code == 0, "\(run.messages)")
            #expect(warnings(run) == (script == nil ? 0 : 1))
            outputs.append(run.output)
        }
        #expect(outputs[0] == outputs[1])
    }

    @Test(arguments: ["import", "predict", "benchmark"]) func otherCommandsWork(command: String) throws {
        let arguments =
            switch command {
            case "import": ["data", "import", data, "-o", "\(folder.path)/a.apus"]
            case "predict":
                ["predict", try TrainedModel.get().model, data, "-o", "\(folder.path)/a.xyz", "--threads", "3"]
            default: ["benchmark", "--data", data, "--seconds", "0.1", "--threads", "3", "--features", "8"]
            }
        let run = try ProgramRun(arguments, script: Self.withoutThreads)
        #expect(run.code == 0, "\(run.messages)")
        #expect(warnings(run) == 1)
    }

    @Test func signalsAreHeeded() throws {
        let config = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", data: "data.extxyz"), to: "a.toml")
        let run = try ProgramRun(
            ["train", config, "--set", "training.number_of_epochs=100000", "--set", "runtime.threads=3"],
            script: "ulimit -S -s 200000000000; \"$0\" \"$@\" & id=$!; "
                + "until [ -s \(folder.path)/run/metrics.jsonl ]; do sleep 0.02; done; kill -TERM $id; wait $id")
        #expect(run.code == 75, "\(run.messages)")
    }
}
#endif
