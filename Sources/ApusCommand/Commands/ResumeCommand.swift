import ApusFiles
import ApusRun
import ArgumentParser

/// `apus resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Goes on with a run that was interrupted, killed, or is to train longer.",
        discussion: """
            Training goes on from the newest whole checkpoint in the run folder, with the same bits as if it had never \
            stopped. Settings may change, such as training.number_of_epochs, training.lr or runtime.threads; data, their \
            division and the architecture may not.
            """)

    @Argument(help: ArgumentHelp("Run folder.", valueName: "run"), completion: .directory)
    var folder: String

    @OptionGroup var options: RunOptions

    func run() throws {
        try reportingErrors {
            Interruption.listen(.goingOn)
            do {
                let run = try TrainingRun(resuming: folder, overrides: options.overrides, observer: options.observer)
                try options.printResults(try run.train(isInterrupted: { Interruption.isRequested }))
            } catch let error as ApusError {
                throw options.named(error)
            }
        }
    }
}
