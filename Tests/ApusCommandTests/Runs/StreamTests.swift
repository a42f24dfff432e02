import ApusFiles
import ApusTestSupport
import Testing

/// Standard streams that are closed, full or read by nobody, and signals.
@Suite struct StreamTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// Trains in a folder of this test, with the arguments in `$@` of a script.
    private func train(_ script: String, epochs: Int = 2) throws -> ProgramRun {
        try ProgramRun(
            [
                "train", TrainedModel.get().configuration, "--set", "runtime.output_directory=\(path("run"))", "--set",
                "training.number_of_epochs=\(epochs)",
            ], script: script)
    }

    @Test(
        .enabled(if: fileExists("/dev/full")),
        arguments: [
            "--help", "data info DATA", "data check DATA", "evaluate MODEL DATA --json", "model info MODEL",
            "train --help-config",
        ])
    func outputThatCannotBeWrittenIsAnError(command: String) throws {
        let trained = try TrainedModel.get()
        let words = command.replacing("DATA", with: trained.data).replacing("MODEL", with: trained.model)
        for (redirection, reason) in [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")] {
            let run = try ProgramRun([], script: "exec \"$0\" \(words) \(redirection)")
            #expect(run.code == 74, "\(words) \(redirection): \(run.messages)")
            #expect(run.errors.count == 1 && run.errors[0].contains("cannot be written (\(reason))"), "\(run.messages)")
        }
    }

    /// A reader that has seen enough ends the program as usual, by SIGPIPE, without a word.
    @Test func aReaderMayLeave() throws {
        let run = try ProgramRun(
            [], script: "{ sleep 0.5; \"$0\" train --help-config; echo $? >\(path("code")); } | true")
        #expect(run.code == 0 && run.messages.isEmpty, "\(run.messages)")
        #expect(String(decoding: try readFile(path: path("code")), as: UTF8.self) == "141\n")
    }

    /// A run has its results in files: it is silent, not dead.
    @Test(arguments: ["2>&-", "2>&1 | true; exit 0", ">&-", ">/dev/full", "| true; exit 0", "</dev/null >&- 2>&- <&-"])
    func aRunWithoutStreamsTrains(redirection: String) throws {
        let run = try train("\"$0\" \"$@\" \(redirection)", epochs: 5)
        #expect(run.code == 0, "\(run.messages)")
        #expect(try readFile(path: path("run/metrics.csv")).count { $0 == UInt8(ascii: "\n") } == 6)
        #expect(fileExists(path("run/metrics.json")) && fileExists(path("run/model.apus")))
        // No message has gone into a file that got the number of a closed stream.
        for name in ["metrics.csv", "config.toml", "metrics.jsonl"] {
            #expect(!String(decoding: try readFile(path: path("run/\(name)")), as: UTF8.self).contains("info:"))
        }
    }

    @Test func aClosedConnectionSaves() throws {
        let wait =
            "until [ \"$(wc -l < \(path("run"))/metrics.csv 2>/dev/null || echo 0)\" -gt 1 ]; do sleep 0.05; done; "
        let run = try train("\"$0\" \"$@\" & id=$!; \(wait) kill -HUP $id; wait $id", epochs: 1_000_000)
        #expect(run.code == 75 && run.messages.contains("interrupted and saved"), "\(run.messages)")
        // Under nohup it goes on.
        let immune = try ProgramRun(
            ["resume", path("run")],
            script:
                "trap '' HUP; \"$0\" \"$@\" & id=$!; \(wait) sleep 1; kill -HUP $id; sleep 1; kill -TERM $id && wait $id"
        )
        #expect(immune.code == 75, "\(immune.messages)")
    }

    /// Before the first step there is nothing to save, and that is said. A pipe that never ends keeps the program reading.
    @Test func aSignalBeforeTheFirstStepIsAnswered() throws {
        _ = try folder.write(Molecules.configuration(run: path("run"), data: "pipe.extxyz"), to: "a.toml")
        for (signal, code) in [("INT", Int32(130)), ("TERM", 143), ("HUP", 129)] {
            let run = try ProgramRun(
                ["train", path("a.toml")],
                script:
                    "rm -f \(path("pipe.extxyz")); mkfifo \(path("pipe.extxyz")); sleep 30 >\(path("pipe.extxyz")) & "
                    + "pipe=$!; \"$0\" \"$@\" & id=$!; sleep 1; kill -\(signal) $id; wait $id; code=$?; kill $pipe; exit $code"
            )
            #expect(run.code == code, "\(run.messages)")
            #expect(run.messages.contains("interrupted before the first step; nothing is saved"), "\(run.messages)")
            #expect(!fileExists(path("run")))
        }
    }
}
