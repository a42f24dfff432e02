import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusSystem

/// Computes the errors of a model on samples.
public final class Evaluator {
    private let layout: LossLayout
    private let program: BatchProgram
    /// Systems that are computed together; it bounds the memory for results.
    private static let batchSize = 256

    /// Compiles a model for evaluation.
    ///
    /// - Parameters:
    ///   - loss: A loss whose components are evaluated; samples need its labels.
    ///   - properties: Further properties; they are compared where a sample has the label.
    ///   - device: What it runs on.
    public init(_ model: EnergyModel, loss: Loss? = nil, properties: [Property] = [], on device: Device) {
        let graph = LossGraph(
            model, tabulated: model.usesTables(in: device.precision), loss: loss, properties: properties)
        program = graph.evaluation(on: device)
        layout = graph.layout
    }

    /// The errors of predictions with the given parameters, and where asked for how they are distributed and which are
    /// outliers.
    public func errors(
        on samples: Samples, parameters: Numbers, withHistograms hasHistograms: Bool = false,
        withOutliers hasOutliers: Bool = false
    ) throws -> EvaluationErrors {
        var errors = EvaluationErrors(hasHistograms: hasHistograms, hasOutliers: hasOutliers)
        let weights = [Double](repeating: 1, count: layout.terms.count)
        for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
            let batch = Array(samples[first..<min(first + Self.batchSize, samples.count)])
            try samples.requireUnchanged()
            samples.releasePages()
            try SampleBatch(batch, through: program, layout, weights: weights, parameters: parameters)
                .compare(into: &errors)
        }
        return errors
    }

    /// The errors on samples in memory.
    public func errors(on samples: [Sample], parameters: Numbers) throws -> EvaluationErrors {
        try errors(on: Samples(samples), parameters: parameters)
    }

    /// The energies that a model with the given parameters predicts, without self-energies and offset.
    ///
    /// - Precondition: Energies are among what the evaluator looks at.
    func energies(of samples: [Sample], parameters: Numbers) throws -> [Double] {
        var energies: [Double] = []
        for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
            let systems = samples[first..<min(first + Self.batchSize, samples.count)].map(\.system)
            let batch = try program.run(systems, parameters: parameters)
            for k in systems.indices { energies += batch[.energy, k] }
        }
        return energies
    }
}
