import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting
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

    @Argument(help: "Data in any format that can be read.")
    var data: String

    @Option(name: .shortAndLong, help: ArgumentHelp("File to write.", valueName: "file"))
    var output: String

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var selectionOptions: SelectionOptions

    @Option(help: ArgumentHelp("Units of the output, an energy and a length.", valueName: "eV,angstrom"))
    var units: UnitSystem = .electronvoltAngstrom

    @Flag(help: "Prints JSON.")
    var json = false

    func run() throws {
        try reportingErrors {
            let format = try Dataset.OutputFormat(path: output)
            var options = dataOptions.readingOptions(into: units)
            options.keepsCells = true
            let log = Log()
            var dataset = try Dataset.read(path: data, options: options)
            for line in dataset.interpretation.lines { log.info("\(data): \(line)") }
            dataset = try dataset.selected(by: try selectionOptions.selection())
            try dataset.write(to: output, as: format)
            let members: [String: JSONValue] = [
                "file": .string(output), "format": .string(format.rawValue), "configurations": .integer(dataset.count),
            ]
            print(json ? JSONValue.object(members).description : "\(output): \(dataset.count) configurations")
        }
    }
}
