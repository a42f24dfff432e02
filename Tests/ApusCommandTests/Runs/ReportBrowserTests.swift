import ApusFiles
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

private let browser = getenv("APUS_CHROMIUM").map { String(cString: $0) }

/// Reports as a browser sees them.
@Suite(.enabled(if: browser != nil, "APUS_CHROMIUM does not name a Chromium"))
struct ReportBrowserTests {
    /// What the page is after loading, and what the browser has to say about it.
    private func load(_ page: String) throws -> ProgramRun {
        let folder = try TemporaryFolder()
        return try ProgramRun(
            [page, folder.path], environment: ["APUS_CHROMIUM": browser ?? ""],
            script: """
                "$APUS_CHROMIUM" --headless --no-sandbox --disable-gpu --enable-logging=stderr --user-data-dir="$2" \\
                    --dump-dom "file://$1"
                """)
    }

    @Test func theConsoleStaysEmpty() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let comparison = "\(folder.path)/comparison.html"
        let runs = ["\(trained.folder)/run", "\(trained.folder)/run"]
        #expect(try ProgramRun(["report"] + runs + ["-o", comparison]).code == 0)
        for page in ["\(trained.folder)/run/report.html", comparison] {
            let run = try load(page)
            #expect(run.code == 0 && run.output.contains("</svg>"), "\(run.messages)")
            #expect(!run.messages.contains("CONSOLE"), "\(run.messages)")
        }
    }

    /// The test above would notice an error.
    @Test func errorsAppearOnTheConsole() throws {
        let folder = try TemporaryFolder()
        let page = try folder.write("<!doctype html><title>x</title><script>undefinedName()</script>", to: "page.html")
        #expect(try load(page).messages.contains("CONSOLE"))
    }
}
