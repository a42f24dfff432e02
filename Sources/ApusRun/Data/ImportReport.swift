import ApusDatasets

/// Tells how an import goes.
package func importReport(_ log: RunLog) -> (DatasetImport.Event) -> Void {
    { event in
        switch event {
        case .understood(let source, let interpretation):
            log.info("\(source): \(interpretation.count) configurations, \(interpretation.format)")
            for line in interpretation.lines { log.info("  \(line)") }
        case .progress(let count) where count % 100_000 == 0: log.info("  \(count) configurations …")
        case .progress: break
        case .waiting: log.info("another process imports the same data; waiting for it")
        case .selected(let count, let total): log.info("\(count) of \(total) configurations are selected")
        }
    }
}
