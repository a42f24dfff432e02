import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// What commands that train have in common.
struct RunOptions: ParsableArguments {
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Changes a key of the configuration; may be repeated.", valueName: "table.key=value"),
        completion: .list(ConfigurationKey.completions))
    var overrides: [String] = []

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    @Flag(name: .shortAndLong, help: "Also tells of every checkpoint, better model and change of the learning rate.")
    var verbose = false

    /// Shows messages and progress, as much as is wanted.
    var observer: TerminalObserver {
        TerminalObserver(verbose ? Log(minimum: .detail) : messages.log, isQuiet: messages.quiet)
    }

    /// Prints the final errors, which the run folder has too.
    ///
    /// - Throws: The exit code of a run that ended before it had results.
    func printResults(_ result: TrainingResult) throws {
        guard let table = result.errors else { throw ExitCode(Interruption.exitCode) }
        let text = results.json ? table.json.description : table.text
        StandardStreams.printCopy(text, of: "\(result.folder)/metrics.json", messages.log)
    }

    func validate() throws {
        if messages.quiet && verbose {
            throw ValidationError("--quiet and --verbose exclude each other; leave out one.")
        }
    }

    /// An error about a key that an option sets names the option as it was typed.
    func named(_ error: ApusError) -> ApusError {
        guard let place = error.place,
            let option = overrides.last(where: { option in
                option.prefix { $0 != "=" }.filter { !$0.isWhitespace } == place
            })
        else { return error }
        return ApusError(
            .usage, file: error.file, place: "--set \(option)", problem: error.problem, remedy: error.remedy)
    }
}

extension ConfigurationKey {
    /// The keys that a value can be given to, with the sign that follows; self-energies of elements are left out.
    static var completions: [String] {
        all.compactMap { key in
            guard case .stored = key.rule, !key.path.hasPrefix("dataset.atomic_self_energies.") else { return nil }
            return key.path + "="
        }
    }
}
