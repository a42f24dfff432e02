import ApusCPU
import ApusPotentials
import ApusReporting
import ApusTraining

extension TrainingRun {
    /// The errors of a model on all parts, in the units of the run.
    func finalErrors(_ model: EnergyModel, _ settings: TrainingSettings) throws -> MetricsTable {
        let evaluator = Evaluator(model, loss: settings.loss, properties: settings.reported, on: device)
        let parameters = Numbers(model.parameters, on: device)
        let parts = data.parts(for: model)
        let baseline = BaselineMeans(parts[0].samples)
        var rows: [MetricsTable.Row] = []
        var means: [MetricsTable.Mean] = []
        let limits = [settings.trainingLimit, settings.validationLimit, configuration.training.testLimit]
        for ((part, all), limit) in zip(parts, limits) where !all.isEmpty {
            let samples = settings.batchSize.limited(all, to: limit)
            let errors = try evaluator.errors(on: samples, parameters: parameters)
            rows += errors.rows(
                part, units, samples, baseline: baseline, measures: configuration.registry.measures)
            means += errors.means(of: settings.loss, part, units)
        }
        return MetricsTable(rows, means: means)
    }
}
