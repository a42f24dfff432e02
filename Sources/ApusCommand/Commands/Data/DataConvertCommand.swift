import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus data convert`.
struct DataConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Writes data as extended XYZ, npz, ASE .db or modelforge HDF5.",
        discussion: """
            The end of the output's name chooses the format. Numbers are in eV and angstrom unless another unit is \
            chosen; modelforge's files are always in kJ/mol and nm.
            """)

    @Argument(help: "Data in any format that can be read.", completion: .file())
    var data: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("File to write; - is extended XYZ on standard output.", valueName: "file"),
        completion: .file(extensions: Dataset.OutputFormat.endings.map { String($0.dropFirst()) }))
    var output: String

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var selectionOptions: SelectionOptions

    @Option(help: ArgumentHelp("Units of the output, an energy and a length.", valueName: "eV,angstrom"))
    var units: UnitSystem = .electronvoltAngstrom

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if results.json && output == "-" {
            throw ValidationError("--json cannot be given with --output -, which takes standard output.")
        }
    }

    func run() throws {
        try reportingErrors {
            let target = try OutputOption.data.targetSparingRuns(output, inputs: [data])
            let format = try Dataset.OutputFormat(target)
            var options = dataOptions.readingOptions(into: units)
            options.names.haveSelection = true
            options.marksMissingLabels = selectionOptions.missing == .drop
            let log = messages.log
            var dataset = try Dataset.read(path: data, options: options)
            for line in dataset.interpretation.lines { log.info("\(data): \(line)") }
            dataset = try dataset.selected(by: try selectionOptions.selection(in: units))
            try dataset.write(to: target, as: format)
            // Standard output belongs to the data.
            guard case .file = target else { return log.info("\(dataset.count) configurations") }
            let members: [String: JSONValue] = [
                "file": .string(output), "format": .string(format.rawValue), "configurations": .integer(dataset.count),
            ]
            printResult(
                results.json
                    ? JSONValue.object(members).description : printable("\(output): \(dataset.count) configurations"))
        }
    }
}
