import ApusRun
import ArgumentParser

extension ApusProgram {
    /// What is wrong with a command that there is not, and which may be meant; the parser would call it an unexpected
    /// argument.
    static func unknownCommand(in arguments: [String]) -> String? {
        var command: any ParsableCommand.Type = ApusProgram.self
        var path = "apus"
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            let names = subcommands.compactMap { $0.configuration.commandName }
            guard let next = subcommands.first(where: { $0.configuration.commandName == argument }) else {
                let meant = nearest(to: argument, among: names).map { "Did you mean '\(path) \($0)'?" }
                return "'\(argument)' is not a command of \(path). "
                    + (meant ?? "There are \(names.joined(separator: ", ")).")
            }
            command = next
            path += " " + argument
        }
        return nil
    }
}
