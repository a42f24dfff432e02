import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting

/// The folder of a training run: the names of its files, how they are written, and whether it is free for a new run.
package struct RunFolder: Sendable {
    /// The path of the folder, which need not exist.
    package let path: String
    /// The file that keeps a second training out of the folder.
    static let lockName = ".apus.lock"

    /// The files of a run that do not count steps or seconds in their names.
    package enum File: String, CaseIterable {
        case configuration = "config.toml"
        case model = "model.apus"
        case metricsTable = "metrics.csv"
        case metrics = "metrics.jsonl"
        case results = "metrics.json"
        case outliers = "outliers.jsonl"
        case record = "run.json"
        case report = "report.html"
    }

    /// The names of the files that a run consists of, apart from the report, which can be made anew.
    package static let names =
        File.allCases.filter { $0 != .report }.map(\.rawValue) + Split.partNames.map { "split/\($0).csv" }

    /// The folder at a path.
    package init(_ path: String) { self.path = path }

    /// The path of a file.
    package func path(_ file: File) -> String { path + "/" + file.rawValue }

    /// The checkpoints of the run.
    var checkpoints: CheckpointFolder { CheckpointFolder(run: path) }

    /// Makes sure that a path is that of a folder.
    ///
    /// - Throws: `ApusError`.
    package static func require(_ path: String) throws {
        guard fileExists(path) else {
            throw ApusError(.missingInput, file: path, problem: "there is no such folder", remedy: "check the path")
        }
        guard isFolder(path) else {
            throw ApusError(
                .missingInput, file: path, problem: "this is a file",
                remedy: "name the folder of a run, which 'apus train' has made")
        }
    }
}

// MARK: Writing

extension RunFolder {
    /// Writes what is there before the first step.
    ///
    /// - Throws: `ApusError` of kind `io`.
    package func begin(configuration: String, split: Split, record: RunRecord, isNew: Bool) throws {
        if isNew { try checkpoints.create() }
        try removeTemporaryFiles(in: path)
        try writeFileAtomically(path: path(.configuration), bytes: Array(configuration.utf8))
        try split.write(to: path + "/split")
        try record.write(to: path)
    }

    /// Writes the model.
    ///
    /// - Throws: `ApusError` of kind `io`.
    package func write(_ model: ModelFile) throws { try model.write(to: path(.model)) }

    /// Makes the folder, removes the files of an earlier run, and takes it for this process.
    ///
    /// - Parameter overwriting: Whether an earlier run may be replaced.
    /// - Throws: `ApusError`.
    package func take(overwriting: Bool, _ log: RunLog) throws -> FileLock {
        try createFolder(path)
        let lock = try lock(log)
        // Another run may have ended there in the meantime.
        try requireFree(overwriting: overwriting)
        try remove()
        return lock
    }
}

// MARK: Earlier runs

extension RunFolder {
    /// The paths of those that are there; nothing else in the folder is a run's.
    func existing() throws -> [String] {
        guard isFolder(path) else { return [] }
        var found: [String] = []
        for name in try namesInFolder(path) {
            let isEvent = name.hasPrefix("events.out.tfevents.") && name.hasSuffix(".apus")
            if isEvent || File(rawValue: name) != nil { found.append(name) }
        }
        found += try names(in: "checkpoints") { $0.hasSuffix(".checkpoint") }
        found += try names(in: "split") { Split.partNames.map { $0 + ".csv" }.contains($0) }
        return found.map { path + "/" + $0 }
    }

    private func names(in part: String, where isOurs: (String) -> Bool) throws -> [String] {
        guard isFolder(path + "/" + part) else { return [] }
        return try namesInFolder(path + "/" + part).filter(isOurs).map { part + "/" + $0 }
    }

    /// Makes sure that a new run would replace nothing, or may.
    ///
    /// - Parameter overwriting: Whether an earlier run may be replaced.
    /// - Throws: `ApusError` that names the ways out.
    func requireFree(overwriting: Bool) throws {
        let existing = try existing()
        guard !existing.isEmpty, !overwriting else { return }
        let other = "choose another folder with --set \(shellWord("runtime.output_directory=\(freeName)"))"
        let canResume = existing.contains { $0.hasSuffix(".checkpoint") }
        throw ApusError(
            .usage, file: path, problem: "the folder holds an earlier run",
            remedy: (canResume ? "go on with it by 'apus resume \(shellWord(path))', " : "")
                + "replace it with --overwrite, or \(other)")
    }

    /// Removes the files of an earlier run.
    ///
    /// - Throws: `ApusError` of kind `io`.
    func remove() throws {
        for file in try existing() { try removeFile(file) }
        for part in ["checkpoints", "split"] { removeEmptyFolder(path + "/" + part) }
    }

    /// Takes the folder for this process, as long as the result lives.
    ///
    /// - Throws: `ApusError` when another process trains there.
    func lock(_ log: RunLog) throws -> FileLock {
        let file = path + "/" + Self.lockName
        guard let lock = try FileLock(attempting: file) else {
            let owner = FileLock.owner(of: file) ?? "another process"
            throw ApusError(
                .usage, file: path, problem: "\(owner) is training in this folder",
                remedy: "wait for its end, stop it, or choose another folder")
        }
        if !lock.isHeld {
            log.warning("\(path): the file system has no locks, so nothing keeps a second training out of the folder")
        }
        return lock
    }

    /// The name with the first number that is free.
    private var freeName: String {
        let stem = String(path.reversed().drop { $0 == "/" }.reversed())
        var number = 2
        while fileExists("\(stem)-\(number)") { number += 1 }
        return "\(stem)-\(number)"
    }
}
