import ApusDatasets
import ApusFiles
import ApusReporting

/// The files of a run that a report is made of.
struct RunFolder {
    let path: String
    let configuration: RunConfiguration

    /// Makes sure that a path is the folder of a run with a model.
    ///
    /// - Throws: `ApusError`.
    init(_ path: String) throws {
        func failure(_ problem: String, _ remedy: String) -> ApusError {
            ApusError(.missingInput, file: path, problem: problem, remedy: remedy)
        }
        try Self.requireFolder(path)
        guard fileExists(path + "/config.toml") else {
            throw failure(
                "this is not the folder of a run, for it has no config.toml",
                "name a folder that 'apus train' has made")
        }
        guard fileExists(path + "/model.apus") else {
            throw failure("the run has no model yet, for there is no model.apus", "let its first epoch end")
        }
        self.path = path
        var (configuration, _) = try RunConfiguration.read(path: path + "/config.toml")
        configuration.runtime.outputDirectory = path
        self.configuration = configuration
    }

    /// Makes sure that a path is that of a folder.
    ///
    /// - Throws: `ApusError`.
    static func requireFolder(_ path: String) throws {
        guard fileExists(path) else {
            throw ApusError(.missingInput, file: path, problem: "there is no such folder", remedy: "check the path")
        }
        guard isFolder(path) else {
            throw ApusError(
                .missingInput, file: path, problem: "this is a file",
                remedy: "name the folder of a run, which 'apus train' has made")
        }
    }

    /// The model file that a path names: the file itself, or that of a run by the run's folder.
    ///
    /// - Throws: `ApusError` for a folder that is not that of a run with a model.
    static func model(_ path: String) throws -> String {
        isFolder(path) ? try RunFolder(path).path + "/" + TrainingRun.modelName : path
    }

    /// The files of a run that do not count steps or seconds in their names, apart from the report.
    static let names =
        ["config.toml", "model.apus", "metrics.csv", "metrics.jsonl", "metrics.json", "outliers.jsonl", "run.json"]
        + Split.partNames.map { "split/\($0).csv" }

    /// The files that a report is made of.
    var inputs: [String] { Self.names.map { "\(path)/\($0)" } + configuration.inputs }

    /// The last part of the path.
    var name: String { absolutePath(path).split(separator: "/").last.map(String.init) ?? path }

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
    func results() throws -> JSONValue? {
        let file = path + "/metrics.json"
        guard fileExists(file) else { return nil }
        do {
            return try JSONValue(parsing: try readFile(path: file))
        } catch let error as JSONValue.SyntaxError {
            throw ApusError(.data, file: file, problem: "this is not JSON, \(error)", remedy: "remove the file")
        }
    }

    /// When and where the run was trained; nil for one of an earlier version.
    func record() throws -> RunRecord? { try RunRecord(folder: path) }

    /// What a comparison shows of the run.
    ///
    /// - Parameter page: The path of the page, from which its link to the run's report starts.
    func compared(as name: String, page: String) throws -> ComparisonReport.Run {
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
