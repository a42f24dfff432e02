import ApusRun
import ArgumentParser

/// `apus data`.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Imports, converts, checks and splits data sets.",
        subcommands: [
            DataImportCommand.self, DataInfoCommand.self, DataCheckCommand.self, DataConvertCommand.self,
            DataSplitCommand.self, SelfEnergiesCommand.self,
        ])
}
