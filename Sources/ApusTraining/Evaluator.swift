import ApusChemistry
import ApusGraph
import ApusPotentials

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
        let graph = LossGraph(model.graph, inputs: model.inputs, loss: loss, properties: properties)
        executor = Executor(
            program: graph.evaluation, precision: precision, threads: threads, instructionSet: instructionSet)
        layout = graph.layout
        cutoff = model.architecture.representation.cutoff
    }

    /// The errors of predictions with the given parameters, and where asked for how they are distributed.
    public func errors(
        on samples: Samples, parameters: Numbers, withHistograms hasHistograms: Bool = false
    ) throws -> EvaluationErrors {
        var errors = EvaluationErrors(hasHistograms: hasHistograms)
        let weights = [Double](repeating: 1, count: layout.terms.count)
        for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
            let batch = Array(samples[first..<min(first + Self.batchSize, samples.count)])
            try samples.requireUnchanged()
            samples.releasePages()
            let chunks = ChunkPlan.cut(atomCounts: batch.map(\.system.count))
            let (cutoff, layout) = (cutoff, layout)
            let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
                try chunk.fill(with: batch[chunks[k]], cutoff: cutoff)
                layout.fill(&chunk, with: batch[chunks[k]], weights: weights)
            }
            for (range, values) in zip(chunks, outputs) { layout.compare(values, with: batch[range], into: &errors) }
        }
        return errors
    }

    /// The errors on samples in memory.
    public func errors(on samples: [Sample], parameters: Numbers) throws -> EvaluationErrors {
        try errors(on: Samples(samples), parameters: parameters)
    }
}
