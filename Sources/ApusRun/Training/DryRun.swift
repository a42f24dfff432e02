import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusTraining

/// What a training run would cost and what looks wrong with it, found without writing anything.
public struct DryRun {
    /// The run as configured.
    public let configuration: RunConfiguration
    /// How the model would be trained.
    public let settings: TrainingSettings
    /// The units of all numbers.
    public let units: UnitSystem
    /// What the steps were timed on.
    public let device: Device
    /// The model before training.
    public let model: EnergyModel
    /// The parts of the data that have configurations, training first.
    public let parts: [PartCensus]
    /// What was found, in the data files first.
    public let findings: [Finding]
    /// Times and memory.
    public let forecast: TrainingForecast

    /// The distance at which interactions end, in the length unit of the run.
    public var cutoff: Double { model.cutoff }
    /// Seconds for all epochs, unless training ends before.
    public var trainingSeconds: Double { Double(settings.epochs) * forecast.epochSeconds }

    /// Looks through the data and times a few steps.
    ///
    /// - Throws: what training would throw about its data or in its first steps.
    public init(_ configuration: RunConfiguration, observer: (any RunObserver)? = nil) throws {
        let run = try TrainingRun(dry: configuration, log: RunLog(observer))
        self.configuration = configuration
        units = run.units
        device = run.device
        let data = run.data
        settings = run.settings
        model = try run.initialModel(settings)
        forecast = try TrainingForecast(
            model, settings, training: data.training, validation: data.validation, seconds: 2, on: device)
        parts = try data.census(of: model)
        run.findings.report(
            model.findings(
                training: parts, loss: settings.loss, components: configuration.registry.lossComponents))
        if fileExists(run.folder.path(.model)) {
            run.findings.report([
                Finding(
                    .folder,
                    "\(run.folder.path) holds an earlier run, which 'apus train' replaces with --overwrite alone")
            ])
        }
        findings = run.findings.findings
    }
}
