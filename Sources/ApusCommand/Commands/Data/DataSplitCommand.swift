import ApusDatasets
import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus data split`.
struct DataSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Divides data into training, validation and test part, and looks for what they share.",
        discussion: """
            Writes training.csv, validation.csv and test.csv, an index from 0 a line, which a configuration takes as \
            training.splitting_strategy.index_files. Training with the same strategy, sizes and seeds divides in the same \
            way, and so do both without any; single atoms, which training leaves out, are in no part.
            """)

    @Argument(help: "Data in any format that can be read.", completion: .file())
    var data: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Folder to write to; nothing is written without.", valueName: "folder"),
        completion: .directory)
    var output: String?

    @OptionGroup var dataOptions: DataOptions

    @Option(help: ArgumentHelp("Strategy: \(Split.Strategy.allCases.map(\.rawValue).joined(separator: ", "))."))
    var strategy = RunConfiguration.Split().strategy

    @Option(
        help: ArgumentHelp(
            "Fractions that sum to 1, or counts, of the training, validation and test part.", valueName: "a,b,c"))
    var sizes = "0.8,0.1,0.1"

    @Option(help: ArgumentHelp("Seed.", valueName: "n"))
    var seed = RunConfiguration.Split().seed

    @Option(help: ArgumentHelp("Seed of the test part alone, which then stays when the other changes.", valueName: "n"))
    var testSeed: Int?

    @Option(
        name: .customLong("index-file"), parsing: .singleValue,
        help: ArgumentHelp(
            "File of indices, for training, validation and test in turn, in place of a strategy.", valueName: "csv"),
        completion: .file(extensions: ["csv"]))
    var indexFiles: [String] = []

    @Flag(help: "Divides single atoms too, as dataset.train_on_isolated_atoms does.")
    var isolatedAtoms = false

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if ![0, 2, 3].contains(indexFiles.count) {
            throw ValidationError("--index-file is given two or three times, not \(indexFiles.count).")
        }
        if min(seed, testSeed ?? 0) < 0 { throw ValidationError("Seeds are whole numbers >= 0.") }
    }

    func run() throws {
        try reportingErrors {
            var options = dataOptions.readingOptions(into: .electronvoltAngstrom)
            options.marksMissingLabels = true
            if let output {
                guard output != "-" else {
                    throw ApusError(
                        .usage, place: "--output -",
                        problem: "the files of a split cannot be written to standard output",
                        remedy: "name a folder, or write --json, which prints the positions")
                }
                try requireDistinct(
                    Split.partNames.map { "\(output)/\($0).csv" }, from: [data] + indexFiles,
                    place: "--output \(output)")
            }
            let dataset = try Dataset.read(path: data, options: options)
            let split: Split
            var settings = RunConfiguration.Split()
            (settings.strategy, settings.seed, settings.testSeed) = (strategy, seed, testSeed)
            do {
                settings.sizes = try Split.Sizes(
                    sizes.split(separator: ",").map { Double($0.filter { $0 != " " }) ?? .nan })
                if !indexFiles.isEmpty { settings.indexFiles = indexFiles.map { InputPath(text: $0, folder: "") } }
                split = try dataset.divided(settings, withSingleAtoms: isolatedAtoms)
            } catch let error as ApusError where error.kind == .configuration {
                throw ApusError(.usage, place: "--sizes \(sizes)", problem: error.problem, remedy: error.remedy)
            }
            do { try dataset.requireElements(of: split) } catch { messages.log.warning("\(error)") }
            if let output { try split.write(to: output) }
            let leaks = dataset.leaks(of: split)
            printResult(results.json ? split.json(leaks).description : split.text(leaks))
        }
    }
}

extension Split {
    /// Counts, and what the parts share.
    fileprivate func text(_ leaks: [SplitLeak]) -> String {
        let counts = zip(Split.partNames, parts).map { "\($0)  \($1.count)" }
        return (counts + leaks.compactMap(\.text)).map { printable($0) }.joined(separator: "\n")
    }

    fileprivate func json(_ leaks: [SplitLeak]) -> JSONValue {
        var members = Dictionary(
            uniqueKeysWithValues: zip(Split.partNames, parts).map { ($0, JSONValue.array($1.map { .integer($0) })) })
        members["leaks"] = .array(
            leaks.map { leak in
                .object([
                    "part": .string(leak.part), "molecules": .integer(leak.molecules.all),
                    "shared_molecules": .integer(leak.molecules.shared), "copies": .integer(leak.copies.count),
                ])
            })
        return .object(members)
    }
}
