import ApusChemistry
import ApusGraph

/// The energy of a system and the forces on its atoms, in the units of the model.
public struct Prediction: Sendable, Equatable {
    /// The total energy, self-energies included.
    public var energy: Double
    /// The force on each atom, −∂E/∂r.
    public var forces: [SIMD3<Double>]
}

/// Computes energies and forces of systems with a model.
public final class Predictor {
    /// The model in use.
    public let model: EnergyModel
    private let executor: Executor
    private let parameters: Numbers
    private let cutoff: Double

    /// Compiles the model.
    public init(_ model: EnergyModel, precision: Precision, threads: Int, instructionSet: InstructionSet) {
        self.model = model
        let graph = model.graph
        executor = Executor(
            program: compile(outputs: [graph.energy, graph.forces]), precision: precision, threads: threads,
            instructionSet: instructionSet)
        parameters = Numbers(model.parameters, precision: precision)
        cutoff = model.architecture.representation.cutoff
    }

    /// Predicts systems.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    /// - Precondition: the model knows all elements.
    public func predict(_ systems: [AtomicSystem]) throws -> [Prediction] {
        let chunks = ChunkPlan.cut(atomCounts: systems.map(\.count))
        let cutoff = cutoff
        let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
            try chunk.fill(with: systems[chunks[k]], cutoff: cutoff)
        }
        var predictions: [Prediction] = []
        predictions.reserveCapacity(systems.count)
        for (range, values) in zip(chunks, outputs) {
            var atom = 0
            for (k, system) in systems[range].enumerated() {
                let forces = (atom..<atom + system.count).map {
                    SIMD3(values[1][3 * $0], values[1][3 * $0 + 1], values[1][3 * $0 + 2])
                }
                atom += system.count
                predictions.append(
                    Prediction(energy: values[0][k] + model.selfEnergy(of: system), forces: forces))
            }
        }
        return predictions
    }
}
