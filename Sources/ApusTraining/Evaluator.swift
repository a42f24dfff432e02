import ApusGraph
import ApusPotentials

/// Computes the errors of a model on samples.
public final class Evaluator {
    private let executor: Executor
    private let cutoff: Double
    /// Systems that are computed together; it bounds the memory for results.
    private static let batchSize = 256

    /// Compiles a model for evaluation.
    public init(
        _ model: EnergyModel, withForces: Bool, precision: Precision, threads: Int, instructionSet: InstructionSet
    ) {
        let graph = model.graph
        executor = Executor(
            program: compile(outputs: [graph.energy] + (withForces ? [graph.forces] : [])), precision: precision,
            threads: threads, instructionSet: instructionSet)
        cutoff = model.architecture.representation.cutoff
    }

    /// The errors of predictions with the given parameters.
    public func errors(on samples: [Sample], parameters: Numbers) throws -> EvaluationErrors {
        var errors = EvaluationErrors()
        for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
            let batch = samples[first..<min(first + Self.batchSize, samples.count)]
            let chunks = ChunkPlan.cut(atomCounts: batch.map(\.system.count)).map {
                $0.lowerBound + first..<$0.upperBound + first
            }
            let cutoff = cutoff
            let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
                try chunk.fill(with: batch[chunks[k]].lazy.map(\.system), cutoff: cutoff)
            }
            for (range, values) in zip(chunks, outputs) { errors.add(values, batch[range]) }
        }
        return errors
    }
}

extension EvaluationErrors {
    /// Compares the outputs for a chunk, energies and perhaps forces, with the samples in it.
    mutating func add(_ outputs: ChunkOutputs, _ samples: ArraySlice<Sample>) {
        var atom = 0
        for (k, sample) in samples.enumerated() {
            let forces = outputs.count > 1 ? outputs[1][3 * atom..<3 * (atom + sample.system.count)] : nil
            add(energy: outputs[0][k], forces: forces, sample)
            atom += sample.system.count
        }
    }
}
