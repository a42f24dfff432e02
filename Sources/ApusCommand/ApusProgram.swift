import ApusFiles
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
        if let problem = unknownCommand(in: Array(CommandLine.arguments.dropFirst())) {
            exit(withError: ValidationError(problem))
        }
        main(nil)
    }
}
