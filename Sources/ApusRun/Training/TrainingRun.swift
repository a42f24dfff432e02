import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// One training run: data, model, training and the files of the run folder.
///
///     let configuration = try RunConfiguration(file: "painn.toml")
///     let result = try TrainingRun(configuration).train()
///
/// A run that ended before its time goes on with ``init(resuming:overrides:registry:observer:)``, with the same bits as if it had
/// never stopped.
public struct TrainingRun {
    /// Everything that decides the run.
    public let configuration: RunConfiguration
    /// The units of all results.
    public let units: UnitSystem
    package let data: RunData
    package let device: Device
    package let folder: RunFolder
    package let log: RunLog
    /// What looks wrong with data or model.
    package let findings: FindingLog
    /// What training goes on from; nil for a run that begins.
    private let start: Start?
    private let overwriting: Bool

    /// Where a run goes on.
    struct Start {
        package let checkpoint: Checkpoint
        /// The rate to go on with, where it is not that of the checkpoint.
        package let learningRate: Double?
        /// Keeps other processes out of the folder.
        let lock: FileLock
    }

    /// Makes sure that the run folder is free, reads the data, divides them and fits self-energies.
    ///
    /// - Parameters:
    ///   - overwriting: Whether an earlier run in the folder may be replaced, which happens when training begins.
    ///   - observer: Receives what the run tells.
    /// - Throws: `ApusError` about configuration, data or folder; nothing is written but imported data.
    public init(
        _ configuration: RunConfiguration, overwriting: Bool = false, observer: (any RunObserver)? = nil
    ) throws {
        let folder = RunFolder(configuration.runtime.outputDirectory)
        let log = RunLog(observer)
        // At once, and not after the data were read, which may take long.
        if isFolder(folder.path) { _ = try folder.lock(log) }
        try folder.requireFree(overwriting: overwriting)
        try self.init(configuration, start: nil, overwriting: overwriting, log: log, isDry: false)
    }

    /// Goes on with a run from its newest whole checkpoint, and takes its folder for this process.
    ///
    /// - Parameters:
    ///   - path: The run folder.
    ///   - overrides: Keys that change, such as `training.number_of_epochs=200`; data, their division and the
    ///     architecture may not.
    ///   - registry: The types that its configuration can name.
    ///   - observer: Receives what the run tells.
    /// - Throws: `ApusError`.
    public init(
        resuming path: String, overrides: [String] = [], registry: Registry = .standard,
        observer: (any RunObserver)? = nil
    ) throws {
        let log = RunLog(observer)
        try RunFolder.require(path)
        let folder = RunFolder(path)
        let lock = try folder.lock(log)
        let checkpoint = try folder.checkpoints.newest(log)
        var (configuration, _) = try RunConfiguration.read(
            path: folder.path(.configuration), overrides: overrides, registry: registry)
        configuration.runtime.outputDirectory = path
        let setsRate = overrides.contains { $0.filter { !$0.isWhitespace }.hasPrefix("training.lr=") }
        let rate = setsRate ? configuration.training.learningRate : nil
        do {
            try self.init(
                configuration, start: Start(checkpoint: checkpoint, learningRate: rate, lock: lock), overwriting: false,
                log: log, isDry: false)
        } catch let error as ApusError {
            throw configuration.naming(error, run: path)
        }
    }

    /// Reads the data without writing anything, not even imported data; findings are kept for a report.
    package init(dry configuration: RunConfiguration, log: RunLog) throws {
        try self.init(configuration, start: nil, overwriting: false, log: log, isDry: true)
    }

    private init(
        _ configuration: RunConfiguration, start: Start?, overwriting: Bool, log: RunLog, isDry: Bool
    ) throws {
        (self.configuration, self.start, self.overwriting, self.log) = (configuration, start, overwriting, log)
        folder = RunFolder(configuration.runtime.outputDirectory)
        device = try configuration.runtime.device
        units = try UnitSystem(energy: configuration.runtime.energyUnit, length: configuration.runtime.lengthUnit)
        findings = FindingLog(log, isHeld: isDry)
        findings.report(configuration.findings)
        data = try RunData(configuration, units: units, log: log, findings: findings, isDry: isDry)
        // Before anything is written or replaced.
        let settings = settings
        if !settings.parameterRules.isEmpty { _ = try settings.grouped(try initialModel(settings).declarations) }
    }

    /// Trains until an end is reached, and writes the run folder.
    ///
    /// - Parameter isInterrupted: Asked after every step whether training should stop there; it is saved then.
    /// - Returns: How training ended, and the final errors unless it is to go on first.
    /// - Throws: `ApusError`.
    public func train(isInterrupted: () -> Bool = { false }) throws -> TrainingResult {
        let lock = try start?.lock ?? folder.take(overwriting: overwriting, log)
        return try withExtendedLifetime(lock) {
            let session = try TrainingSession(self, from: start)
            let end = try session.train(isInterrupted: isInterrupted)
            // Without a model there are no results.
            guard end != .interruption, session.hasModel || end != .time else {
                log.info("\(end.rawValue) and saved; \(wayOn(end)) goes on")
                return TrainingResult(end: end, folder: folder.path, errors: nil)
            }
            return TrainingResult(end: end, folder: folder.path, errors: try session.writeResults(after: end))
        }
    }

    /// How the model is trained.
    package var settings: TrainingSettings {
        var settings = configuration.trainingSettings(units: units)
        if settings.energyRefit != nil, !data.fitsSelfEnergies { settings.energyRefit = .constant }
        return settings
    }
}

/// How a training run ended.
public struct TrainingResult: Sendable {
    /// Why training ended.
    public let end: TrainingEnd
    /// The run folder.
    public let folder: String
    /// The errors of the best model on all parts, in the units of the run; nil where training was interrupted, or out of
    /// time before there was a model: it is saved, and goes on when it is resumed.
    public let errors: MetricsTable?
}
