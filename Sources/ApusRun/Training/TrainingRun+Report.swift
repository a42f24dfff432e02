import ApusFiles
import ApusReporting

extension TrainingRun {
    /// Writes `report.html` and calls `show` with it; without them the run is as good.
    ///
    /// - Parameter epoch: The epoch after which training goes on; nil at its end.
    func writeReport(epoch: Int? = nil, _ show: (RunReport) throws -> Void = { _ in }) {
        do {
            var writer = ReportWriter(
                folder: try RecordedRun(folder.path, registry: configuration.registry), data: data)
            writer.epoch = epoch
            try show(try writer.write(to: .file(folder.path(.report))))
        } catch {
            log.warning("the report is not complete: \(error)")
        }
    }
}
