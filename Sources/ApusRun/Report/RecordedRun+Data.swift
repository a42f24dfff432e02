import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting

extension RecordedRun {
    /// The data of the run, divided as its files say.
    ///
    /// - Throws: `ApusError` when a file is not there any more, or the data are not those of the training.
    package func data(_ log: RunLog) throws -> RunData {
        let runtime = configuration.runtime
        var configuration = configuration
        let written = Split.partNames.map { "\(path)/split/\($0).csv" }.filter(fileExists)
        // Index files are of the training, the validation and the test part in turn.
        if written.count >= 2, written == Split.partNames.prefix(written.count).map({ "\(path)/split/\($0).csv" }) {
            configuration.training.split.indexFiles = written.map { InputPath(text: $0, folder: "") }
        }
        let data: RunData
        do {
            data = try RunData(
                configuration, units: try UnitSystem(energy: runtime.energyUnit, length: runtime.lengthUnit), log: log,
                findings: FindingLog(log), isDry: false)
        } catch let error as ApusError where error.kind == .missingInput {
            throw ApusError(
                .missingInput, file: error.file,
                problem: "the data of the run \(path) are not there any more (\(error.problem))",
                remedy: "put the file back, correct its path in \(path)/config.toml, or name data, as in "
                    + "'apus evaluate \(shellWord(path)) DATA'")
        }
        try requireSame(data, log)
        return data
    }

    /// Makes sure that data are those of which `run.json` keeps digests.
    private func requireSame(_ data: RunData, _ log: RunLog) throws {
        guard let record = try record() else {
            log.warning(
                "\(path) has no \(RunRecord.name), so that nothing tells whether the data are those of the training")
            return
        }
        let isTrainedOn = record.dataDigest == data.digest
        let isTested = record.testDigest == nil || record.testDigest == data.testDigest
        guard !isTrainedOn || !isTested else { return }
        let file = isTrainedOn ? configuration.dataset.testFile : nil
        throw ApusError(
            .data, file: (file ?? configuration.dataset.file).path,
            problem:
                "the data are not those of the run \(path): their digest differs from that in \(RunRecord.name)",
            remedy: "restore the file, or name data, as in 'apus evaluate \(shellWord(path)) DATA'")
    }
}
