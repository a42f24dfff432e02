import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusSystem

/// Computes the errors of a model on samples.
public final class Evaluator {
    private let layout: BatchLayout
    private let executor: Executor
    private let cutoff: Double
    /// Systems that are computed together; it bounds the memory for results.
    private static let batchSize = 256

    /// Compiles a model for evaluation.
    ///
    /// - Parameters:
    ///   - loss: A loss whose components are evaluated; samples need its labels.
    ///   - properties: Further properties; they are compared where a sample has the label.
    public init(
        _ model: EnergyModel, loss: Loss? = nil, properties: [Property] = [], precision: Precision, threads: Int,
        instructionSet: InstructionSet
    ) {
        let energies = model.graph(tabulated: model.usesTables(in: precision))
        let graph = LossGraph(energies, inputs: model.inputs, loss: loss, properties: properties)
        executor = Executor(
            program: graph.evaluation, precision: precision, threads: threads, instructionSet: instructionSet)
        layout = graph.layout
        cutoff = model.architecture.representation.cutoff
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
            for (range, values) in try outputs(of: batch, parameters: parameters, weights: weights) {
                layout.compare(values, with: batch[range], into: &errors)
            }
        }
        return errors
    }

    /// The energies that a model with the given parameters predicts, without self-energies and offset.
    ///
    /// - Precondition: Energies are what the evaluator looks at first.
    func energies(of samples: [Sample], parameters: Numbers) throws -> [Double] {
        require(layout.properties.first == .energy, "the evaluator does not look at energies")
        var energies: [Double] = []
        for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
            let batch = Array(samples[first..<min(first + Self.batchSize, samples.count)])
            for (_, values) in try outputs(of: batch, parameters: parameters, weights: []) { energies += values[0] }
        }
        return energies
    }

    private func outputs(of batch: [Sample], parameters: Numbers, weights: [Double]) throws
        -> Zip2Sequence<[Range<Int>], [ChunkOutputs]>
    {
        let chunks = ChunkPlan.cut(atomCounts: batch.map(\.system.count))
        let (cutoff, layout) = (cutoff, layout)
        let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
            try chunk.fill(with: batch[chunks[k]], cutoff: cutoff)
            layout.fill(&chunk, with: batch[chunks[k]], weights: weights)
        }
        return zip(chunks, outputs)
    }

    /// The errors on samples in memory.
    public func errors(on samples: [Sample], parameters: Numbers) throws -> EvaluationErrors {
        try errors(on: Samples(samples), parameters: parameters)
    }
}
