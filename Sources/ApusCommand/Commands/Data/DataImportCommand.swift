import ApusDatasets
import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus data import`.
struct DataImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Packs data files of any known format into one checked, memory-mapped file.",
        discussion: """
            Reads extended XYZ, npz (MD17, rMD17, sGDML), HDF5 (modelforge, SPICE, ANI, TorchANI, AIMNet), ASE .db, \
            QM9's xyz (also as .tar.bz2) and DeePMD's npy folders. Which key feeds which property, and in which units, \
            is printed; what a file does not say has to be stated. Memory does not grow with the sources.
            """)

    @Argument(help: "Data files or folders.", completion: .file())
    var sources: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("File to write.", valueName: "data.apus"),
        completion: .file(extensions: ["apus"]))
    var output: String

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var selectionOptions: SelectionOptions

    @Option(help: "How positions and forces are kept: as in the source, or in float32 or float64.")
    var precision: DatasetImport.Precision = .source

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    func run() throws {
        try reportingErrors {
            _ = try OutputOption("an imported data set", endings: [".apus"]).targetSparingRuns(output, inputs: sources)
            var importing = DatasetImport()
            importing.reading = dataOptions.readingOptions(into: .electronvoltAngstrom)
            importing.reading.names.haveSelection = true
            importing.reading.marksMissingLabels = selectionOptions.missing == .drop
            importing.precision = precision
            importing.selection = try selectionOptions.selection(in: .electronvoltAngstrom)
            importing.selectionUnits = .electronvoltAngstrom
            importing.program = Release.program
            let store = try importing.run(sources, to: output, importReport(RunLog(messages.observer)))
            printResult(results.json ? store.json.description : printable("\(output): \(store.summary)"))
        }
    }
}

extension DatasetStore {
    /// Counts and units in a line.
    var summary: String {
        ([
            "\(counted(count, "configuration")) of \(counted(recordCount, "molecule"))", "\(information.units)",
        ] + properties.map(\.name)).joined(separator: ", ")
    }

    /// Counts, units and sources for machines.
    var json: JSONValue {
        .object([
            "file": .string(path), "configurations": .integer(count), "molecules": .integer(recordCount),
            "energy_unit": .string(information.units.energy.symbol),
            "length_unit": .string(information.units.length.symbol), "program": .string(information.program),
            "options": .array(information.options.map { .string($0) }),
            "labels": .object(
                Dictionary(uniqueKeysWithValues: properties.map { ($0.key, .integer(count(of: $0))) })),
            "sources": .array(
                information.sources.map { source in
                    .object([
                        "path": .string(source.path), "size": .integer(source.size), "sha256": .string(source.digest),
                        "format": .string(source.format),
                        "interpretation": .array(source.interpretation.map { .string($0) }),
                    ])
                }),
        ])
    }
}
