import ArgumentParser

/// `apus data`.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Looks into data sets.",
        subcommands: [DataInfoCommand.self, SelfEnergiesCommand.self])
}
