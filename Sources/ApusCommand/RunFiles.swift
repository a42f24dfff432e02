import ApusFiles
import ApusReporting

/// The files that a training run makes in its folder, and whether the folder is free for a new one.
struct RunFiles {
    private let folder: String
    static let lockName = ".apus.lock"
    private static let names = [
        "config.toml", TrainingRun.modelName, "metrics.csv", "metrics.jsonl", "metrics.json", "outliers.jsonl",
        "report.html",
        "run.json",
    ]

    /// The files of a folder that need not exist.
    init(_ folder: String) { self.folder = folder }

    /// The paths of those that are there; nothing else in the folder is a run's.
    func existing() throws -> [String] {
        guard isFolder(folder) else { return [] }
        var found: [String] = []
        for name in try namesInFolder(folder) {
            let isEvent = name.hasPrefix("events.out.tfevents.") && name.hasSuffix(".apus")
            if isEvent || Self.names.contains(name) { found.append(name) }
        }
        found += try names(in: "checkpoints") { $0.hasSuffix(".checkpoint") }
        found += try names(in: "split") { ["training.csv", "validation.csv", "test.csv"].contains($0) }
        return found.map { folder + "/" + $0 }
    }

    private func names(in part: String, where isOurs: (String) -> Bool) throws -> [String] {
        guard isFolder(folder + "/" + part) else { return [] }
        return try namesInFolder(folder + "/" + part).filter(isOurs).map { part + "/" + $0 }
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
            .usage, file: folder, problem: "the folder holds an earlier run",
            remedy: (canResume ? "go on with it by 'apus resume \(shellWord(folder))', " : "")
                + "replace it with --overwrite, or \(other)")
    }

    /// Removes the files of an earlier run.
    ///
    /// - Throws: `ApusError` of kind `io`.
    func remove() throws {
        for path in try existing() { try removeFile(path) }
        for part in ["checkpoints", "split"] { removeEmptyFolder(folder + "/" + part) }
    }

    /// Takes the folder for this process, as long as the result lives.
    ///
    /// - Throws: `ApusError` when another process trains there.
    func lock(_ log: Log) throws -> FileLock {
        let path = folder + "/" + Self.lockName
        guard let lock = try FileLock(attempting: path) else {
            let owner = FileLock.owner(of: path) ?? "another process"
            throw ApusError(
                .usage, file: folder, problem: "\(owner) is training in this folder",
                remedy: "wait for its end, stop it, or choose another folder")
        }
        if !lock.isHeld {
            log.warning("\(folder): the file system has no locks, so nothing keeps a second training out of the folder")
        }
        return lock
    }

    /// The name with the first number that is free.
    private var freeName: String {
        let stem = String(folder.reversed().drop { $0 == "/" }.reversed())
        var number = 2
        while fileExists("\(stem)-\(number)") { number += 1 }
        return "\(stem)-\(number)"
    }
}
