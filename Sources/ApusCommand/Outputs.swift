import ApusDatasets
import ApusFiles

extension OutputOption {
    /// Configurations as extended XYZ.
    static func extendedXYZ(_ content: String) -> OutputOption {
        OutputOption(content, endings: [".extxyz", ".xyz"], isStream: true)
    }

    /// Configurations in any format that can be written.
    static let data = OutputOption("data", endings: Dataset.OutputFormat.endings, isStream: true)

    /// A page for the browser.
    static let page = OutputOption("a report", endings: [".html", ".htm"], isStream: true)
}

extension RunConfiguration {
    /// The files that training reads beside the configuration.
    var inputs: [String] {
        ([dataset.file] + [dataset.validationFile, dataset.testFile, dataset.isolatedAtomsFile].compactMap { $0 }
            + (training.split.indexFiles ?? [])).map(\.path)
    }

    /// The files that training writes, without those whose names count steps or seconds.
    private var outputs: [String] {
        ([
            "config.toml", "model.apus", "metrics.csv", "metrics.jsonl", "metrics.json", "outliers.jsonl",
            "report.html", "run.json",
        ]
            + ApusDatasets.Split.partNames.map { "split/\($0).csv" }).map { "\(runtime.outputDirectory)/\($0)" }
    }

    /// Makes sure that training writes over none of the files that it reads.
    ///
    /// - Parameter file: The configuration.
    /// - Throws: `ApusError` of kind `usage`.
    func requireDistinctOutputs(from file: String) throws {
        try requireDistinct(
            outputs, from: [file] + inputs.filter { !isFolder($0) },
            place: "runtime.output_directory = '\(runtime.outputDirectory)'", remedy: "choose another folder")
    }
}
