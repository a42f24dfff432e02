import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusTraining

/// What a training run would cost and what looks wrong with it, found without writing anything.
struct DryRun {
    /// The run as configured.
    let configuration: RunConfiguration
    let settings: TrainingSettings
    let units: UnitSystem
    let device: Device
    /// The model before training.
    let model: EnergyModel
    /// The parts of the data that have configurations, training first.
    let parts: [PartCensus]
    /// What was found, in the data files first.
    let findings: [Finding]
    /// Times and memory.
    let forecast: TrainingForecast

    /// The distance at which interactions end, in the length unit of the run.
    var cutoff: Double { model.cutoff }
    /// Seconds for all epochs, unless training ends before.
    var trainingSeconds: Double { Double(settings.epochs) * forecast.epochSeconds }

    /// Looks through the data and times a few steps.
    ///
    /// - Throws: what training would throw about its data or in its first steps.
    init(_ run: TrainingRun) throws {
        configuration = run.configuration
        units = run.units
        device = run.device
        let data = run.data
        let limit = configuration.training.trainingLimit
        settings = configuration.trainingSettings(units: units) { $0.stepCount(data.training, limit: limit) }
        model = try run.initialModel(settings)
        forecast = try TrainingForecast(
            model, settings, training: data.training, validation: data.validation, seconds: 2, on: device)
        parts = try data.census(of: model)
        run.findings.report(model.findings(training: parts, loss: settings.loss))
        let folder = configuration.runtime.outputDirectory
        if fileExists(folder + "/" + TrainingRun.modelName) {
            run.findings.report([
                Finding(.folder, "\(folder) holds an earlier run, which 'apus train' replaces with --overwrite alone")
            ])
        }
        findings = run.findings.findings
    }
}
