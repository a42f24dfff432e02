import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes an HTML page about a run, or a comparison of runs.",
        discussion: """
            For one run: errors beside trivial predictions, curves, predictions over references, where the errors are, \
            and pictures of the worst configurations, predicted with the best model; of each part at most \
            \(ReportWriter.mostConfigurations) configurations. 'apus train' writes it at the end by itself.
            The data must be those of the training, as run.json tells.
            For several runs: their curves, final errors and differing settings.
            The page needs no other file and no network.
            """)

    @Argument(help: ArgumentHelp("Run folders.", valueName: "run"), completion: .directory)
    var folders: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "File to write; - is standard output.",
            discussion: "report.html in the run folder, or in this folder for several runs.",
            valueName: "file"),
        completion: .file(extensions: ["html"]))
    var output: String?

    func run() throws {
        try reportingErrors {
            let runs = try folders.map { try RecordedRun($0) }
            guard runs.count == 1, let run = runs.first else {
                let target = try OutputOption.page.targetSparingRuns(
                    output ?? "report.html", inputs: runs.flatMap(\.inputs))
                // Folders of the same name are told apart by their paths.
                let hasNames = Set(runs.map(\.name)).count == runs.count
                let page = output ?? ""
                let report = ComparisonReport(
                    try runs.map { try $0.compared(as: hasNames ? $0.name : $0.path, page: page) })
                try target.write(Array(report.html.utf8))
                if case .file(let path) = target { printResult(printable(path)) }
                return
            }
            let target = try OutputOption.page.targetSparingRuns(
                output ?? run.path + "/report.html", inputs: run.inputs)
            try run.writeReport(to: target, observer: TerminalObserver(Log(minimum: .warning), isQuiet: true))
            if case .file(let path) = target { printResult(printable(path)) }
        }
    }
}
