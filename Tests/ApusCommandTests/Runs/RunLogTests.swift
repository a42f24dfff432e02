import ApusFiles
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusRun

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A Python in which TensorBoard is installed.
private let python = getenv("APUS_TENSORBOARD").map { String(cString: $0) }

/// What a run writes about its epochs for other programs.
@Suite struct RunLogTests {
    /// The same names, and the same numbers exactly.
    @Test func objectsHoldTheTable() throws {
        let run = try TrainedModel.get().folder + "/run"
        let table = try lines("\(run)/metrics.csv").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let objects = try lines("\(run)/metrics.jsonl").map { try JSONValue(parsing: String($0)) }
        #expect(table.count == 3 && objects.count == 2)
        for (row, object) in zip(table.dropFirst(), objects) {
            let members = try #require(object.object)
            #expect(members.count == table[0].count)
            for (name, cell) in zip(table[0], row) {
                #expect(members[String(name)]?.real == Double(cell), "\(name)")
            }
        }
    }

    @Test func tensorBoardCanBeTurnedOff() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let run = try ProgramRun([
            "train", trained.configuration, "--quiet", "--set", "runtime.output_directory=\"\(folder.path)/run\"",
            "--set", "training.experiment_logger.logger_name=\"none\"",
        ])
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
        #expect(
            names(in: "\(folder.path)/run") == [
                ".apus.lock", "checkpoints", "config.toml", "metrics.csv", "metrics.json", "metrics.jsonl",
                "model.apus",
                "report.html", "run.json", "split",
            ])
    }

    /// The limit of 64 kB for each file acts like a full disk; the events grow fastest. No log is worth a run.
    @Test func aFullDiskForLogsEndsNothing() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let run = try ProgramRun(
            [
                "train", trained.configuration, "--quiet", "--set", "runtime.output_directory=\"\(folder.path)/run\"",
                "--set", "training.number_of_epochs=30",
            ], script: "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"")
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
        let warnings = run.messages.split(separator: "\n").filter { $0.contains("events.out.tfevents.") }
        #expect(warnings.count == 1 && warnings[0].hasPrefix("warning: \(folder.path)/run/events.out.tfevents."))
        #expect(warnings.first?.contains("(File too large)") == true)
        #expect(try lines("\(folder.path)/run/metrics.csv").count == 31)
        #expect(try ModelFile.read("\(folder.path)/run/model.apus").model.elements.map(\.symbol) == ["H", "O"])
    }

    /// Distributions are large: each epoch's to the hundredth, ever fewer later.
    @Test func distributionsOfLongRunsAreThinned() {
        let shown = (1...1_000_000).filter(EpochRecorder.hasHistograms)
        #expect(shown.prefix(100) == Array(1...100)[...] && shown[100] == 110)
        #expect(shown.count == 100 + 4 * 90)
    }

    /// Values equal those of the tables to float32. After a second run in the same folder they are those of that run
    /// alone, whether or not the first was killed while it wrote.
    @Test(
        .enabled(if: python != nil, "APUS_TENSORBOARD does not name a Python with TensorBoard"),
        arguments: [
            (runs: ["2"], found: "2 epochs, 52 curves, 104 values"),
            (runs: ["3", "1"], found: "1 epochs, 52 curves, 52 values"),
        ])
    func tensorBoardReadsTheRun(runs: [String], found: String) throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        for epochs in runs {
            let run = try ProgramRun([
                "train", trained.configuration, "--quiet", "--set", "runtime.output_directory=\"\(folder.path)/run\"",
                "--set", "training.number_of_epochs=\(epochs)", "--overwrite",
            ])
            #expect(run.code == 0)
            guard epochs != runs.last else { continue }
            let events = try #require(names(in: "\(folder.path)/run")?.first { $0.hasPrefix("events") })
            _ = try folder.write(readFile(path: "\(folder.path)/run/\(events)").dropLast(5), to: "run/\(events)")
        }
        let comparison = try ProgramRun(
            [try #require(python), "\(packageRoot)/Tools/check_tensorboard.py", "\(folder.path)/run"],
            script: "exec \"$@\"")
        #expect(comparison.code == 0, "\(comparison.messages)")
        #expect(comparison.output.hasPrefix(found), "\(comparison.output)")
        #expect(comparison.output.hasSuffix(", 0 differences\n"))
        #expect(comparison.output.contains(" gradients, ") && comparison.output.contains(" errors, "))
        // Of energies and of forces.
        #expect(comparison.output.contains(", 2 pictures, "))
    }

    private func lines(_ path: String) throws -> [Substring] {
        String(decoding: try readFile(path: path), as: UTF8.self).split(separator: "\n")
    }

    @Test func verboseRunsTellMore() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        func run(_ options: String...) throws -> ProgramRun {
            try ProgramRun(
                ["train", trained.configuration, "--set", "runtime.output_directory=\"\(folder.path)/run\""] + options)
        }
        let verbose = try run("--verbose", "--set", "training.number_of_epochs=1")
        #expect(verbose.code == 0)
        #expect(verbose.messages.contains("detail: model of epoch 1, the best so far with val/loss "))
        #expect(verbose.messages.contains("detail: checkpoint after "), "\(verbose.messages)")
        #expect(!trained.run.messages.contains("detail:"))
        let both = try run("--verbose", "--quiet", "--overwrite")
        #expect(both.code == 64 && both.messages.contains("--quiet and --verbose exclude each other"))
    }
}
