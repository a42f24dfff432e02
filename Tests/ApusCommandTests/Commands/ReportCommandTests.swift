import ApusFiles
import ApusReporting
import ApusTestSupport
import Testing

@testable import ApusRun

/// `apus report` on a small run, as a user would call it.
@Suite struct ReportCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func text(_ path: String) throws -> String { String(decoding: try readFile(path: path), as: UTF8.self) }

    /// Training writes the page, and the command writes the same but for the time.
    @Test func aRunHasAReport() throws {
        let trained = try TrainedModel.get()
        let written = try text("\(trained.folder)/run/report.html")
        let run = try ProgramRun(["report", "\(trained.folder)/run", "--output", "\(folder.path)/page.html"])
        #expect(run.code == 0 && run.messages.isEmpty && run.output == "\(folder.path)/page.html\n", "\(run.messages)")
        // The configuration in the run folder names the data from there.
        func withoutTime(_ page: String) -> String {
            page.replacing(/report made<\/td><td class="wide">[^<]*/, with: "").replacing("/run/../", with: "/")
        }
        let page = try text("\(folder.path)/page.html")
        #expect(withoutTime(page) == withoutTime(written))
        #expect(!page.contains("http") && !page.contains("src="))
        let record = try #require(try RunRecord(folder: "\(trained.folder)/run"))
        #expect(record.starts.map(\.steps) == [0])
        #expect(page.contains(record.dataDigest) && page.contains(record.starts[0].date))
        for part in ["per_atom_force", "Worst configurations", "SchNet", "output_directory", "H2O"] {
            #expect(page.contains(part), "\(part)")
        }
        // The table of the report is the table of the run.
        let json = try JSONValue(parsing: try readFile(path: "\(trained.folder)/run/metrics.json"))
        let row = try #require(json["results"]?.array?.first { $0["split"]?.string == "validation" })
        let rmse = try #require(row["rmse"]?.real)
        #expect(rmse > 0 && page.contains(numberText(rmse, significantDigits: 4)))
    }

    @Test func runsAreCompared() throws {
        let trained = try TrainedModel.get()
        let second = try ProgramRun([
            "train", trained.configuration, "--quiet", "--set", "runtime.output_directory=\"\(folder.path)/second\"",
            "--set", "training.lr=3e-3",
        ])
        #expect(second.code == 0)
        let path = "\(folder.path)/comparison.html"
        let run = try ProgramRun(["report", "\(trained.folder)/run", "\(folder.path)/second", "-o", path])
        #expect(run.code == 0 && run.output == path + "\n", "\(run.messages)")
        let page = try text(path)
        #expect(page.contains("training.lr") && page.contains("0.003") && page.contains("second"))
        #expect(!page.contains("training.batch_size"))
        #expect(page.contains("href=\"second/report.html\"") && !page.contains("cannot be compared"))
    }

    @Test func wrongFolders() throws {
        let trained = try TrainedModel.get()
        let file = try folder.write("x", to: "file")
        let foreign = "\(folder.path)/foreign"
        let unfinished = "\(folder.path)/unfinished"
        for path in [foreign, unfinished] { try createFolder(path) }
        _ = try folder.write(try text("\(trained.folder)/run/config.toml"), to: "unfinished/config.toml")
        for (path, sentence) in [
            ("\(folder.path)/none", "there is no such folder; check the path."),
            (file, "this is a file; name the folder of a run, which 'apus train' has made."),
            (
                foreign,
                "this is not the folder of a run, for it has no config.toml; name a folder that 'apus train' has made."
            ), (unfinished, "the run has no model yet, for there is no model.apus; let its first epoch end."),
        ] {
            let run = try ProgramRun(["report", path])
            #expect(run.code == 66 && run.errors == ["error: \(path): \(sentence)"], "\(run.messages)")
        }
        _ = try folder.write("no model", to: "unfinished/model.apus")
        let broken = try ProgramRun(["report", unfinished])
        #expect(broken.code != 0 && broken.errors.count == 1, "\(broken.messages)")
    }

    @Test func largePartsAreThinnedEvenly() {
        #expect(ReportWriter.chosen(3) == [0, 1, 2])
        let chosen = ReportWriter.chosen(5000)
        #expect(chosen.count == 2000 && chosen[1] == 2 && chosen[2] == 5 && chosen.last == 4997)
    }
}
