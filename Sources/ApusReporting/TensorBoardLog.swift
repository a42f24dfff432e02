import ApusFiles

/// Writes the figures of a run for TensorBoard, to `events.out.tfevents.*` in the run folder.
///
/// The step is the epoch. Curves have the names and values of the columns of `metrics.csv`, rounded to float32;
/// the configuration is a text.
public struct TensorBoardLog: Sendable {
    private let writer: TensorBoardWriter

    /// Starts an event file in a folder that exists.
    ///
    /// - Parameters:
    ///   - configuration: The configuration of the run, in TOML.
    ///   - epoch: The number of epochs that are kept of an earlier run; later ones in the files of the folder, which
    ///     stay, are no longer shown. With 0 nothing is kept.
    ///   - clock: Seconds since 1970.
    /// - Throws: `ApusError` when the file cannot be written.
    public init(
        folder: String, configuration: String, keepingEpochs epoch: Int = 0,
        clock: @escaping @Sendable () -> Double = secondsSince1970
    ) throws {
        let firstStep = epoch > 0 ? epoch + 1 : 0
        writer = try TensorBoardWriter(folder: folder, firstStep: firstStep, clock: clock)
        // Four spaces make it Markdown's block of code.
        let block = configuration.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }
        try writer.append(step: firstStep, [.text("configuration", block.joined())])
    }

    /// Adds the figures of an epoch, and distributions by name.
    ///
    /// - Throws: `ApusError` when the file cannot be written.
    public func append(
        epoch: Int, _ values: [ReportedValue], histograms: [(name: String, histogram: TensorBoardHistogram)] = []
    ) throws {
        let curves = values.map { TensorBoardWriter.Value.scalar($0.label, $0.value) }
        try writer.append(
            step: epoch, curves + histograms.map { TensorBoardWriter.Value.histogram($0.name, $0.histogram) })
    }

    /// Adds pictures of a report: predictions over references of the validation part, under `report/`.
    ///
    /// - Throws: `ApusError` when the file cannot be written.
    public func append(epoch: Int, picturesOf report: RunReport) throws {
        let pictures = report.parityPictures(part: "validation").map { name, picture in
            TensorBoardWriter.Value.image("report/\(name)", picture.image, description: picture.description)
        }
        if !pictures.isEmpty { try writer.append(step: epoch, pictures) }
    }
}
