import ApusFiles
import ApusFormats
import ApusReporting
import ApusRun
import ArgumentParser

/// The program `apus`.
@main
struct ApusProgram: ParsableCommand {
    /// The version, also written into model files.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Trains and runs neural network potentials.",
        discussion: """
            Progress and messages go to standard error, results to standard output.

            'apus init DATA' writes a configuration for data of your own, 'apus train' trains with it.

            Exit codes, as in sysexits.h: 0 success, 1 a check failed, 64 wrong usage, 65 bad data, 66 missing input, \
            69 training diverged, 70 internal error, 74 input or output failed, 75 interrupted and saved, \
            78 bad configuration; 128 + n ended by signal n.
            Environment: APUS_ISA forces an instruction set (x86-64, avx2, avx512, neon).
            """,
        version: "apus \(version)",
        subcommands: [
            InitCommand.self, TrainCommand.self, ResumeCommand.self, EvaluateCommand.self, PredictCommand.self,
            CheckCommand.self,
            ReportCommand.self, ModelCommand.self, BenchmarkCommand.self, DataCommand.self,
        ])

    /// Serves as a reader of HDF5 where it was started as one; else sets up the streams and runs the command.
    static func main() {
        HDF5Worker.serveIfAsked()
        StandardStreams.prepare()
        do {
            if let problem = unknownCommand(in: Array(CommandLine.arguments.dropFirst())) {
                throw ValidationError(problem)
            }
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    /// Ends as the parser does, but arguments in its messages do not act on the terminal.
    private static func end(with error: any Error) -> Never {
        let (code, message) = (exitCode(for: error), fullMessage(for: error))
        guard !code.isSuccess, !message.isEmpty else { exit(withError: error) }
        writeToStandardError(printable(message, keepingLines: true) + "\n")
        exit(withError: code)
    }
}
