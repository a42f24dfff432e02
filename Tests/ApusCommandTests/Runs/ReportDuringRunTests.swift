import ApusFiles
import ApusTestSupport
import Testing

/// What `training.plot_frequency` makes of a run: a report while it goes on, and outliers.
@Suite struct ReportDuringRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(_ options: [String], frames: Int = 16, script: String? = nil) throws -> ProgramRun {
        let data = Molecules.text(frames: frames) { lines, k in
            // A wrong label in the middle of the data.
            guard frames > 16, k == 20 else { return }
            lines[1] = lines[1].replacing("energy=-19", with: "energy=-24")
        }
        _ = try folder.write(data, to: "data.extxyz")
        _ = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "config.toml")
        return try ProgramRun(
            ["train", "\(folder.path)/config.toml"] + options.flatMap { ["--set", $0] }, script: script)
    }

    private func lines(_ name: String) throws -> [JSONValue] {
        try String(decoding: readFile(path: "\(folder.path)/run/\(name)"), as: UTF8.self).split(separator: "\n")
            .map { try JSONValue(parsing: String($0)) }
    }

    /// The report is there before the end, says so, and the run goes on with the bits that it would have had.
    @Test func theReportIsWrittenWhileTheRunGoesOn() throws {
        let wait = "until [ -s \(folder.path)/run/report.html ] || ! kill -0 $id; do sleep 0.02; done; "
        let run = try train(
            ["training.number_of_epochs=1000000", "training.plot_frequency=2"],
            script: "\"$0\" \"$@\" & id=$!; \(wait) kill -TERM $id; wait $id")
        #expect(run.code == 75, "\(run.messages)")
        let page = String(decoding: try readFile(path: "\(folder.path)/run/report.html"), as: UTF8.self)
        #expect(page.contains("goes on after epoch ") && page.contains(" of 1000000"))
        #expect(!fileExists("\(folder.path)/run/metrics.json"))
        #expect(!run.messages.contains("the report is not complete"), "\(run.messages)")
    }

    @Test func reportsChangeNoTraining() throws {
        _ = try train(["training.number_of_epochs=3"])
        let plain = try readFile(path: "\(folder.path)/run/metrics.csv")
        removeTree("\(folder.path)/run")
        let run = try train(["training.number_of_epochs=3", "training.plot_frequency=1"])
        #expect(run.code == 0, "\(run.messages)")
        func figures(_ bytes: [UInt8]) -> [[Substring]] {
            // The last two columns are speed and time.
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2)
            }
        }
        let reported = try readFile(path: "\(folder.path)/run/metrics.csv")
        #expect(figures(plain).count == 4 && figures(reported) == figures(plain))
        let page = String(decoding: try readFile(path: "\(folder.path)/run/report.html"), as: UTF8.self)
        #expect(!page.contains("goes on after epoch"))
    }

    /// A limit of 64 kB for each file acts like a full disk for the page, which is larger.
    @Test func aReportThatCannotBeWrittenEndsNothing() throws {
        let run = try train(
            [
                "training.number_of_epochs=2", "training.plot_frequency=1",
                "training.experiment_logger.logger_name=none",
            ],
            script: "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"")
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
        let warnings = run.messages.split(separator: "\n").filter { $0.contains("the report is not complete") }
        #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("warning: ") && $0.contains("report.html") })
    }

    /// A wrong label is found, in the epochs that were asked for; a run that goes on keeps what was written.
    @Test func outliersAreNamed() throws {
        let options = ["training.plot_frequency=2", "training.splitting_strategy.name=first_come_first_serve"]
        let run = try train(options + ["training.number_of_epochs=4"], frames: 60)
        #expect(run.code == 0, "\(run.messages)")
        let first = try lines("outliers.jsonl")
        #expect(first.map { $0["epoch"]?.integer } == [2, 2, 4, 4])
        #expect(first.map { $0["split"]?.string } == ["training", "validation", "training", "validation"])
        for line in first where line["split"]?.string == "training" {
            #expect(line["configurations"]?.integer == 48 && line["unit"]?.string == "eV")
            #expect(line["property"]?.string == "per_atom_energy")
            let worst = try #require(line["worst"]?.array?.first)
            #expect(worst["configuration"]?.string?.contains("frame 21") == true, "\(worst)")
            let mean = try #require(line["mean"]?.real)
            let distance = abs(try #require(worst["error"]?.real) - mean)
            #expect(distance > 3 * (try #require(line["standard_deviation"]?.real)))
        }
        let resumed = try ProgramRun(["resume", "\(folder.path)/run", "--set", "training.number_of_epochs=7"])
        #expect(resumed.code == 0, "\(resumed.messages)")
        let all = try lines("outliers.jsonl")
        #expect(all.map { $0["epoch"]?.integer } == [2, 2, 4, 4, 6, 6])
        #expect(all.prefix(4).map(\.description) == first.map(\.description))
    }
}
