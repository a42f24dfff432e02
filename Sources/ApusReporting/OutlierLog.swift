import ApusFiles

/// Writes `outliers.jsonl`: an object a line, for a part of the data after an epoch, with the configurations whose errors
/// are far from the others.
///
/// `mean` and `standard_deviation` are those of all errors of the part, `outliers` counts the configurations beyond the
/// threshold among the `configurations` compared, and `worst` has those that are farthest from the mean.
public struct OutlierLog: Sendable {
    /// A configuration and its error.
    public typealias Entry = (name: String, error: Double)

    /// The path of the file.
    public let path: String
    /// So many outliers of a part are named, which bounds a line.
    public static let mostNamed = 20

    /// Starts the file in a folder that exists, or goes on with one of an earlier run.
    ///
    /// - Parameter epoch: The number of epochs that are kept of an earlier run; with 0 the file is new.
    /// - Throws: `ApusError` when the file cannot be written.
    public init(folder: String, keepingEpochs epoch: Int) throws {
        path = folder + "/outliers.jsonl"
        let objects = epoch > 0 ? MetricsWriter.objects(upTo: epoch, path: path) : []
        try writeFileAtomically(path: path, bytes: Array(objects.map { $0 + "\n" }.joined().utf8))
    }

    /// Adds the line of a part after an epoch.
    ///
    /// - Parameters:
    ///   - outliers: All of them, the farthest from the mean first.
    ///   - count: The configurations compared.
    ///   - unit: The unit of the energies per atom.
    /// - Throws: `ApusError` when the file cannot be written.
    public func append(
        epoch: Int, part: String, _ outliers: [Entry], of count: Int, mean: Double, deviation: Double, unit: String
    ) throws {
        let worst = outliers.prefix(Self.mostNamed).map { entry in
            JSONValue.object(["configuration": .string(entry.name), "error": JSONValue(finite: entry.error)])
        }
        let line = JSONValue.object([
            "epoch": .integer(epoch), "split": .string(part), "property": .string("per_atom_energy"),
            "unit": .string(unit), "configurations": .integer(count), "mean": JSONValue(finite: mean),
            "standard_deviation": JSONValue(finite: deviation),
            "outliers": .integer(outliers.count), "worst": .array(worst),
        ])
        try appendToFile(path: path, bytes: Array("\(line)\n".utf8))
    }
}
