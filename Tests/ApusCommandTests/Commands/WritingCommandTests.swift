import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What commands write: never over what they read, complete or not at all.
@Suite struct WritingCommandTests {
    private let folder: TemporaryFolder
    private let data: String

    init() throws {
        folder = try TemporaryFolder()
        data = try folder.write(Molecules.text(frames: 20), to: "data.extxyz")
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    // MARK: Outputs that are inputs

    @Test(arguments: ["import", "convert", "predict", "report", "model"])
    func anOutputThatIsAnInputIsRefused(command: String) throws {
        let trained = try TrainedModel.get()
        let (ending, input, arguments): (String, String, [String]) =
            switch command {
            case "import": ("apus", data, ["data", "import", data])
            case "convert": ("extxyz", data, ["data", "convert", data])
            case "predict": ("extxyz", data, ["predict", trained.model, data])
            case "report": ("html", "\(trained.folder)/run/metrics.jsonl", ["report", "\(trained.folder)/run"])
            default: ("xyz", trained.model, ["predict", trained.model, data])
            }
        let before = try readFile(path: input)
        #expect(link(input, path("hard.\(ending)")) == 0)
        #expect(symlink(input, path("soft.\(ending)")) == 0)
        let present = names(in: folder.path)
        for output in ["hard.\(ending)", "soft.\(ending)"] {
            let run = try ProgramRun(arguments + ["-o", path(output)])
            #expect(run.code == 64)
            #expect(run.errors.first?.contains("--output \(path(output)): this is the input \(input)") == true)
        }
        #expect(try readFile(path: input) == before)
        #expect(names(in: folder.path) == present)
    }

    @Test func filesOfASplitAreNoInputs() throws {
        let arguments = ["data", "split", data, "--strategy", "random_conformer_splitting_strategy"]
        #expect(try ProgramRun(arguments + ["-o", path("s"), "--sizes", "10,5,5"]).code == 0)
        let before = try readFile(path: path("s/training.csv"))
        let files = ["training", "validation", "test"].flatMap { ["--index-file", path("s/\($0).csv")] }
        let run = try ProgramRun(["data", "split", data, "-o", path("./s")] + files)
        #expect(run.code == 64)
        #expect(run.errors.first?.contains("this is the input \(path("s/training.csv")), which would be lost") == true)
        #expect(try readFile(path: path("s/training.csv")) == before)
        #expect(try ProgramRun(["data", "split", data, "-o", "-"]).code == 64)
    }

    /// The resolved configuration would take the place of the user's, with all its comments.
    @Test func trainingWritesOverNoInput() throws {
        let text = Molecules.configuration(run: folder.path, data: "data.extxyz")
        let config = try folder.write(text, to: "config.toml")
        let run = try ProgramRun(["train", config])
        #expect(run.code == 64)
        let sentence = "this is the input \(config), which would be lost; choose another folder"
        #expect(run.errors.first?.contains(sentence) == true, "\(run.messages)")
        #expect(try readFile(path: config) == Array(text.utf8))
        #expect(names(in: folder.path) == ["config.toml", "data.extxyz"])
    }

    // MARK: Standard output and names

    @Test func standardOutputTakesExtendedXYZ() throws {
        let model = try TrainedModel.get().model
        for arguments in [["data", "convert", data], ["predict", model, data]] {
            let stream = try ProgramRun(arguments + ["-o", "-"])
            #expect(stream.code == 0, "\(stream.messages)")
            #expect(try ProgramRun(arguments + ["-o", path("a.extxyz")]).code == 0)
            #expect(try Array(stream.output.utf8) == readFile(path: path("a.extxyz")))
        }
        #expect(names(in: folder.path) == ["a.extxyz", "data.extxyz"])
        #expect(try ProgramRun(["data", "convert", data, "-o", "-", "--json"]).code == 64)
        let store = try ProgramRun(["data", "import", data, "-o", "-"])
        #expect(store.code == 64)
        #expect(store.errors.first?.contains("an imported data set cannot be written to standard output") == true)
    }

    #if os(Linux)
    @Test func aFullStandardOutputIsAnError() throws {
        let run = try ProgramRun(["data", "convert", data, "-o", "-"], script: "exec \"$0\" \"$@\" > /dev/full")
        #expect(run.code == 74)
        #expect(run.errors.first?.contains("standard output: the file cannot be written (No space left") == true)
    }
    #endif

    @Test func namesFitTheContent() throws {
        let trained = try TrainedModel.get()
        for (arguments, endings) in [
            (["data", "import", data], ".apus"), (["data", "convert", data], ".extxyz, .xyz, .npz, .db, .hdf5 or .h5"),
            (["predict", trained.model, data], ".extxyz or .xyz"),
            (["report", "\(trained.folder)/run"], ".html or .htm"),
        ] {
            let run = try ProgramRun(arguments + ["-o", path("x.png")])
            #expect(run.code == 64)
            #expect(run.errors.first?.contains("with this ending; end the name in \(endings).") == true)
        }
        #expect(names(in: folder.path) == ["data.extxyz"])
    }

    // MARK: Interrupted

    /// So much that writing takes a moment, of one molecule so that every format can hold it.
    private func largeSource() throws -> String {
        let frame = try String(decoding: readFile(path: data), as: UTF8.self)
        return try folder.write(String(repeating: frame, count: 1000), to: "large.extxyz")
    }

    @Test(arguments: ["extxyz", "npz", "db", "hdf5"]) func aFullDiskLeavesTheOldFile(format: String) throws {
        let source = try largeSource()
        let output = try folder.write("old", to: "out.\(format)")
        // No file may have more than some kilobytes.
        let run = try ProgramRun(
            ["data", "convert", source, "-o", output, "--elements", "O"],
            script: "ulimit -f 200; exec \"$0\" \"$@\"")
        #expect(run.code == 74, "\(run.messages)")
        #expect(run.errors.count == 1)
        #expect(run.errors.first?.contains("free some space, or choose another folder") == true, "\(run.messages)")
        #expect(try readFile(path: output) == Array("old".utf8))
        #expect(names(in: folder.path) == ["data.extxyz", "large.extxyz", "out.\(format)"])
    }

    /// The script ends the program as soon as it has begun to write.
    private func interrupted(by signal: String, _ arguments: [String]) throws -> ProgramRun {
        let begun = "ls \(folder.path)/.apus-*.tmp >/dev/null 2>&1"
        return try ProgramRun(
            arguments,
            script: "\"$0\" \"$@\" & id=$!; until \(begun) || ! kill -0 $id; do sleep 0.002; done; "
                + "kill -\(signal) $id; wait $id")
    }

    @Test(arguments: ["extxyz", "db", "hdf5"]) func aSignalLeavesTheOldFile(format: String) throws {
        let source = try largeSource()
        let output = try folder.write("old", to: "out.\(format)")
        let run = try interrupted(by: "TERM", ["data", "convert", source, "-o", output])
        #expect(run.code == 128 + SIGTERM)
        #expect(try readFile(path: output) == Array("old".utf8))
        #expect(names(in: folder.path) == ["data.extxyz", "large.extxyz", "out.\(format)"])
    }

    @Test func aFilteredImportNeverShowsEverything() throws {
        let source = try largeSource()
        let nothing = try ProgramRun(["data", "import", source, "-o", path("a.apus"), "--elements", "U"])
        #expect(nothing.code == 78)
        #expect(names(in: folder.path) == ["data.extxyz", "large.extxyz"])
        let killed = try interrupted(by: "KILL", ["data", "import", source, "-o", path("a.apus"), "--elements", "O"])
        #expect(killed.code == 128 + SIGKILL)
        #expect(names(in: folder.path)?.contains("a.apus") == false)
        // What was there before stays.
        let kept = try ProgramRun(["data", "import", data, "-o", path("a.apus"), "--elements", "O", "--json"])
        #expect(kept.code == 0)
        let bytes = try readFile(path: path("a.apus"))
        #expect(try ProgramRun(["data", "import", data, "-o", path("a.apus"), "--elements", "U"]).code == 78)
        #expect(try readFile(path: path("a.apus")) == bytes)
        let count = try JSONValue(parsing: kept.output)["configurations"]?.integer ?? 0
        #expect(count > 0 && count < 20)
    }
}
