import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// A run that has a model, as its folder tells.
public struct RecordedRun {
    /// The run folder.
    public let path: String
    /// The configuration of the run.
    public let configuration: RunConfiguration

    /// Makes sure that a path is the folder of a run with a model.
    ///
    /// - Parameter registry: The types that its configuration and its model can name.
    /// - Throws: `ApusError`.
    public init(_ path: String, registry: Registry = .standard) throws {
        func failure(_ problem: String, _ remedy: String) -> ApusError {
            ApusError(.missingInput, file: path, problem: problem, remedy: remedy)
        }
        try RunFolder.require(path)
        guard fileExists(path + "/config.toml") else {
            throw failure(
                "this is not the folder of a run, for it has no config.toml",
                "name a folder that 'apus train' has made")
        }
        guard fileExists(path + "/model.apus") else {
            throw failure("the run has no model yet, for there is no model.apus", "let its first epoch end")
        }
        self.path = path
        var (configuration, _) = try RunConfiguration.read(path: path + "/config.toml", registry: registry)
        configuration.runtime.outputDirectory = path
        self.configuration = configuration
    }

    /// The best model.
    func model() throws -> ModelFile {
        try ModelFile.read(RunFolder(path).path(.model), registry: configuration.registry.models)
    }

    /// The model that a path names: of a model file, or of a run by the run's folder.
    ///
    /// - Parameter registry: The types that it can name.
    /// - Throws: `ApusError`, also for a folder that is not that of a run with a model.
    package static func model(_ path: String, registry: Registry = .standard) throws -> ModelFile {
        isFolder(path)
            ? try RecordedRun(path, registry: registry).model()
            : try ModelFile.read(path, registry: registry.models)
    }

    /// The model file that a path names: the file itself, or that of a run by the run's folder.
    package static func modelPath(_ path: String) -> String { isFolder(path) ? RunFolder(path).path(.model) : path }

    /// The files that a report is made of.
    package var inputs: [String] { RunFolder.names.map { "\(path)/\($0)" } + configuration.inputs }

    /// The last part of the path.
    package var name: String { absolutePath(path).split(separator: "/").last.map(String.init) ?? path }

    /// The text of the resolved configuration.
    func configurationText() throws -> String {
        String(decoding: try readFile(path: path + "/config.toml"), as: UTF8.self)
    }

    /// The figures of the epochs; none where the file is missing.
    func history() throws -> EpochHistory {
        let file = path + "/metrics.jsonl"
        guard fileExists(file) else { return EpochHistory() }
        return EpochHistory(lines: String(decoding: try readFile(path: file), as: UTF8.self))
    }

    /// `metrics.json`; nil while the run has not ended.
    package func results() throws -> JSONValue? {
        let file = path + "/metrics.json"
        guard fileExists(file) else { return nil }
        do {
            return try JSONValue(parsing: try readFile(path: file))
        } catch let error as JSONValue.SyntaxError {
            throw ApusError(.data, file: file, problem: "this is not JSON, \(error)", remedy: "remove the file")
        }
    }

    /// When and where the run was trained; nil for one of an earlier version.
    package func record() throws -> RunRecord? { try RunRecord(folder: path) }

    /// What a comparison shows of the run.
    ///
    /// - Parameter page: The path of the page, from which its link to the run's report starts.
    package func compared(as name: String, page: String) throws -> ComparisonReport.Run {
        let document = try ConfigurationDocument(path: path + "/config.toml")
        let results = try results()
        let rows = results?["results"]?.array?.compactMap(MetricsTable.Row.init) ?? []
        let report = path + "/report.html"
        return ComparisonReport.Run(
            name: name, history: try history(), table: MetricsTable(rows),
            settings: document.settings.mapValues { $0.value.toml },
            report: fileExists(report)
                ? try relativePath(of: report, from: folder(of: page)) : nil,
            data: try record()?.dataDigest,
            seconds: results?["run"]?["training_time"]?["value"]?.real,
            parameters: results?["run"]?["parameters"]?["value"]?.real.map { Int($0) })
    }
}

/// The folder of a file; empty for the current one.
private func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
}

extension MetricsTable.Row {
    /// A row of `metrics.json`; nil for the mean of a loss component.
    fileprivate init?(_ value: JSONValue) {
        guard let part = value["split"]?.string, let property = value["property"]?.string,
            let unit = value["unit"]?.string
        else { return nil }
        func number(_ key: String) -> Double { value[key]?.real ?? .nan }
        self.init(
            split: part, property: property, unit: unit, mae: number("mae"), rmse: number("rmse"),
            meanSigned: value["mean_signed"]?.real, maximum: number("max"), baseline: value["baseline"]?.real,
            determination: value["r2"]?.real,
            count: value["count"]?.integer ?? 0)
    }
}
