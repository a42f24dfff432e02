import ApusCPU
import ApusFiles
import ApusGraph
import ApusSystem
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs that are interrupted, killed and gone on with, as a user would.
@Suite struct ResumeCommandTests {
    private let folder: TemporaryFolder
    private let cache: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        cache = ["APUS_CACHE": folder.path + "/cache"]
        _ = try folder.write(Molecules.text(frames: 40), to: "data.extxyz")
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    private func begin(_ run: String, epochs: Int, script: String? = nil, _ more: [String] = []) throws -> ProgramRun {
        _ = try folder.write(Molecules.configuration(run: path(run)), to: "\(run).toml")
        return try ProgramRun(
            [
                "train", path("\(run).toml"), "--set", "training.number_of_epochs=\(epochs)", "--set",
                "runtime.checkpoint_interval=0.001 s",
            ] + more,
            environment: cache, script: script)
    }

    /// Starts the program, waits, and sends a signal to it.
    private static func signalled(_ signal: String, after seconds: Double) -> String {
        "\"$0\" \"$@\" & id=$!; sleep \(seconds); kill -\(signal) $id 2>/dev/null; wait $id"
    }

    /// Starts the program and sends a signal to it when the first epoch has ended.
    private func signalled(_ signal: String, run: String) -> String {
        "\"$0\" \"$@\" & id=$!; until [ \"$(wc -l < \(path(run))/metrics.csv 2>/dev/null)\" -gt 1 ]; do sleep 0.05; done; "
            + "kill -\(signal) $id; wait $id"
    }

    /// All columns but the times, which are the last two.
    private func metrics(_ run: String) throws -> [[Substring]] {
        String(decoding: try readFile(path: path("\(run)/metrics.csv")), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2) }
    }

    /// The first epoch is saved whatever the interval.
    @Test func aRunThatIsKilledEarlyGoesOn() throws {
        let saved = path("early/checkpoints") + "/*.checkpoint"
        let script =
            "\"$0\" \"$@\" & id=$!; until ls \(saved) >/dev/null 2>&1; do sleep 0.05; done; kill -KILL $id; wait $id"
        _ = try begin(
            "early", epochs: 100_000, script: script,
            ["--set", "runtime.checkpoint_interval=1 h", "--set", "runtime.threads=1"])
        let end = try ProgramRun(
            ["resume", path("early"), "--set", "training.number_of_epochs=2"], environment: cache)
        #expect(end.code == 0 && end.messages.contains("going on in epoch 2"), "\(end.messages)")
    }

    @Test func whatCannotBeGoneOnWith() throws {
        _ = try begin("moved", epochs: 1)
        let file = try ProgramRun(["resume", path("moved.toml")], environment: cache)
        #expect(file.code == 66 && file.messages.contains("this is a file; name the folder"), "\(file.messages)")
        try createFolder(path("new"))
        #expect(rename(path("data.extxyz"), path("new/data.extxyz")) == 0)
        let gone = try ProgramRun(["resume", path("moved")], environment: cache)
        #expect(gone.code == 66 && gone.messages.contains("--set dataset.file=FILE"), "\(gone.messages)")
        let found = try ProgramRun(
            [
                "resume", path("moved"), "--set", "dataset.file=\(path("new/data.extxyz"))", "--set",
                "training.number_of_epochs=2",
            ], environment: cache)
        #expect(found.code == 0, "\(found.messages)")
        #expect(removeFolderOfCheckpoints())
        let none = try ProgramRun(["resume", path("moved")], environment: cache)
        #expect(none.code == 66 && none.messages.contains("'apus train CONFIG --overwrite'"), "\(none.messages)")
    }

    private func removeFolderOfCheckpoints() -> Bool {
        let names = (try? namesInFolder(path("moved/checkpoints"))) ?? []
        return !names.isEmpty && names.allSatisfy { unlink(path("moved/checkpoints/\($0)")) == 0 }
    }

    /// Killed at thirty moments, many of them while a checkpoint is written, since one follows every step.
    @Test func aKilledRunEndsWithTheSameBits() throws {
        let epochs = 60
        let whole = try begin("whole", epochs: epochs)
        #expect(whole.code == 0, "\(whole.messages)")
        var generator = SeededGenerator(seed: 77)
        _ = try begin("killed", epochs: epochs, script: Self.signalled("KILL", after: 0.3))
        var killed = 0
        for attempt in 0..<30 {
            guard fileExists(path("killed/checkpoints")) else { continue }
            let run = try ProgramRun(
                ["resume", path("killed"), "--set", "runtime.threads=\(1 + attempt % 3)"], environment: cache,
                script: Self.signalled("KILL", after: 0.03 + 0.15 * generator.uniform()))
            #expect(run.code == 137 || run.code == 0, "\(run.messages)")
            if run.code == 137 { killed += 1 }
        }
        #expect(killed >= 5)
        let end = try ProgramRun(["resume", path("killed")], environment: cache)
        #expect(end.code == 0, "\(end.messages)")
        #expect(end.output == whole.output)
        #expect(try readFile(path: path("killed/model.apus")) == readFile(path: path("whole/model.apus")))
        #expect(try metrics("killed") == metrics("whole"))
    }

    @Test func signalsStopAfterTheStep() throws {
        for signal in ["TERM", "INT"] {
            let run = try begin("run-\(signal)", epochs: 100_000, script: signalled(signal, run: "run-\(signal)"))
            // A shell's background command ignores SIGINT, so the program takes it only because it asks for it.
            #expect(run.code == 75, "\(run.messages)")
            #expect(run.messages.contains("interrupted and saved; 'apus resume"))
            #expect(try namesInFolder(path("run-\(signal)/checkpoints")).count == 2)
        }
    }

    @Test func runsCanTrainLongerOrSlower() throws {
        #expect(try begin("run", epochs: 2).code == 0)
        let longer = try ProgramRun(
            ["resume", path("run"), "--set", "training.number_of_epochs=3", "--set", "training.lr=1e-5"],
            environment: cache)
        #expect(longer.code == 0, "\(longer.messages)")
        let lines = try metrics("run")
        #expect(lines.map { $0[0] } == ["epoch", "1", "2", "3"])
        let rate = try #require(lines[0].firstIndex(of: "lr"))
        #expect(lines[3][rate] == "1e-05" && lines[2][rate] != "1e-05")
    }

    @Test func whatMustNotChangeIsRefused() throws {
        #expect(try begin("run", epochs: 1).code == 0)
        for (option, sentence) in [
            ("training.splitting_strategy.seed=7", "the data or their division are not those that the run began with"),
            ("potential.core_parameter.number_of_interaction_modules=2", "the architecture is not that which"),
            ("training.optimizer.amsgrad=true", "the optimiser is not that which"),
            ("runtime.precision=float64", "the precision is float64, but the run began with float32"),
        ] {
            let run = try ProgramRun(["resume", path("run"), "--set", option], environment: cache)
            #expect(run.code == 65 || run.code == 78)
            #expect(run.errors.count == 1 && run.errors[0].contains(sentence), "\(run.messages)")
        }
        _ = try folder.write(Molecules.text(frames: 41), to: "data.extxyz")
        let run = try ProgramRun(["resume", path("run")], environment: cache)
        #expect(run.code == 65 && run.errors.first?.contains("not those that the run began with") == true)
    }

    @Test func aDamagedCheckpointIsPassedOver() throws {
        #expect(try begin("run", epochs: 2).code == 0)
        let names = try namesInFolder(path("run/checkpoints"))
        #expect(names.count == 2)
        let newest = path("run/checkpoints/\(names[1])")
        try writeFileAtomically(path: newest, bytes: Array(try readFile(path: newest).dropLast(1)))
        let run = try ProgramRun(["resume", path("run")], environment: cache)
        #expect(run.code == 0 && run.messages.contains("warning: \(newest)"), "\(run.messages)")
        let none = try ProgramRun(["resume", folder.path], environment: cache)
        #expect(none.code == 66 && none.errors.first?.contains("there is no checkpoint to go on from") == true)
    }

    /// A file system that takes no more than 8 KiB a file stands for a full one: neither checkpoint nor model fit.
    @Test func aFullDiskLosesNothing() throws {
        let whole = try begin("whole", epochs: 4)
        #expect(try begin("run", epochs: 2).code == 0)
        let before = try namesInFolder(path("run/checkpoints"))
        let full = try ProgramRun(
            ["resume", path("run"), "--set", "training.number_of_epochs=4"], environment: cache,
            script: "ulimit -f 16; exec \"$0\" \"$@\"")
        #expect(full.code == 74)
        #expect(full.errors.count == 1 && full.errors[0].contains("space"), "\(full.messages)")
        #expect(try namesInFolder(path("run/checkpoints")) == before)
        let end = try ProgramRun(["resume", path("run"), "--set", "training.number_of_epochs=4"], environment: cache)
        #expect(end.code == 0 && end.output == whole.output, "\(end.messages)")
        #expect(try metrics("run") == metrics("whole"))
    }

    @Test func aLostTableIsNoReasonToStop() throws {
        #expect(try begin("run", epochs: 2).code == 0)
        try removeFile(path("run/metrics.csv"))
        try writeFileAtomically(path: path("run/metrics.jsonl"), bytes: [])
        let run = try ProgramRun(["resume", path("run"), "--set", "training.number_of_epochs=3"], environment: cache)
        #expect(run.code == 0 && run.messages.contains("metrics.csv has 0 of the 2 epochs so far"), "\(run.messages)")
        #expect(try metrics("run").map { $0[0] } == ["epoch", "3"])
    }

    /// The limit ends a run within its first epoch; what the message says goes on.
    @Test func theTimeLimitSavesAndSaysHowToGoOn() throws {
        // An epoch of 320 steps takes longer than the shortest time that can be set.
        _ = try folder.write(Molecules.text(frames: 400), to: "data.extxyz")
        let small = ["--set", "training.batch_size=1"]
        let short = try begin("run", epochs: 1, small + ["--set", "training.maximum_time=0.001 s"])
        #expect(short.code == 75, "\(short.messages)")
        #expect(
            short.messages.contains(
                "time limit reached and saved; 'apus resume \(path("run")) --set \"training.maximum_time=1 s\"' goes on"
            ),
            "\(short.messages)")
        let more = try ProgramRun(["resume", path("run"), "--set", "training.maximum_time=1 h"], environment: cache)
        #expect(more.code == 0, "\(more.messages)")
        let whole = try begin("whole", epochs: 1, small)
        #expect(whole.output == more.output)
        // What is used up is said, with the way out, and the results are there all the same.
        let used = try ProgramRun(
            ["resume", path("run"), "--set", "training.maximum_time=0.001 s"], environment: cache)
        #expect(used.code == 0 && used.output == more.output)
        #expect(used.messages.contains("warning: all epochs done before this start, so no step was made; 'apus resume"))
    }

    /// Changed weights of the loss: the best model so far gets a value that later ones can be compared with.
    @Test func aChangedLossIsComparedWithItself() throws {
        #expect(try begin("run", epochs: 2).code == 0)
        let run = try ProgramRun(
            [
                "resume", path("run"), "--verbose", "--set", "training.number_of_epochs=4", "--set",
                "training.loss_parameter.weight.per_atom_force=9900",
            ], environment: cache)
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("info: the metric, the loss or the validation part has changed: later epochs"))
        #expect(run.messages.contains("the best so far with val/loss"), "\(run.messages)")
    }

    @Test func epochsAreKeptForGood() throws {
        #expect(
            try begin(
                "run", epochs: 5, ["--set", "runtime.checkpoint_epochs=2", "--set", "runtime.checkpoints_kept=1"]
            ).code == 0)
        let names = try namesInFolder(path("run/checkpoints"))
        #expect(names.count == 3 && names.prefix(2) == ["epoch-0002.checkpoint", "epoch-0004.checkpoint"])
    }
}
