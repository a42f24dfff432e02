import ApusFiles

extension RecordedRun {
    /// Predicts the parts of the data with the best model and writes a page for the browser about the run.
    ///
    /// - Parameters:
    ///   - target: Where the page goes to; `report.html` in the run folder unless given.
    ///   - observer: Receives what is told.
    /// - Throws: `ApusError`, also when the data are not those of the training any more.
    public func writeReport(to target: OutputTarget? = nil, observer: (any RunObserver)? = nil) throws {
        try ReportWriter(folder: self, data: try data(RunLog(observer)))
            .write(to: target ?? .file(RunFolder(path).path(.report)))
    }
}
