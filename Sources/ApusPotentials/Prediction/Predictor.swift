import ApusCPU
import ApusChemistry
import ApusGraph

/// What a model says about a system, in the units of the model.
public struct Prediction: Sendable, Equatable {
    /// The total energy, self-energies included.
    public var energy: Double
    /// The force on each atom, −∂E/∂r.
    public var forces: [SIMD3<Double>]
    /// Everything else that was asked for, atom by atom and row by row.
    public var further: [Property: [Double]] = [:]

    /// All of it as labels.
    public var labels: [Property: [Double]] {
        further.merging([.energy: [energy], .forces: forces.flatMap { [$0.x, $0.y, $0.z] }]) { $1 }
    }
}

/// Computes energies, forces and further properties of systems with a model.
public final class Predictor {
    /// The model in use.
    public let model: EnergyModel
    let executor: Executor
    private let cutoff: Double
    private let further: [Property]

    /// Compiles the model.
    ///
    /// - Parameter withHeads: whether more is predicted than energies and forces.
    public init(
        _ model: EnergyModel, withHeads: Bool = true, precision: Precision, threads: Int,
        instructionSet: InstructionSet
    ) {
        self.model = model
        further = withHeads ? Array(model.properties.dropFirst(2)) : []
        let outputs = model.graph(tabulated: model.usesTables(in: precision)).outputs
        executor = Executor(
            program: compile(outputs: ([.energy, .forces] + further).map { outputs[$0]! }), precision: precision,
            threads: threads, instructionSet: instructionSet)
        executor.prepare(Numbers(model.parameters, precision: precision))
        cutoff = model.architecture.representation.cutoff
    }

    /// Predicts systems.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    /// - Precondition: the model knows all elements.
    public func predict(_ systems: [AtomicSystem]) throws -> [Prediction] {
        let chunks = ChunkPlan.cut(atomCounts: systems.map(\.count))
        let (cutoff, inputs) = (cutoff, model.inputs)
        let outputs = try executor.runPrepared(chunks: chunks.count) { k, chunk in
            try chunk.fill(with: systems[chunks[k]], cutoff: cutoff)
            chunk.add(inputs, of: systems[chunks[k]])
        }
        var predictions: [Prediction] = []
        predictions.reserveCapacity(systems.count)
        for (range, values) in zip(chunks, outputs) {
            var atom = 0
            for (k, system) in systems[range].enumerated() {
                let forces = (atom..<atom + system.count).map {
                    SIMD3(values[1][3 * $0], values[1][3 * $0 + 1], values[1][3 * $0 + 2])
                }
                var prediction = Prediction(energy: values[0][k] + model.baseEnergy(of: system), forces: forces)
                for (property, numbers) in zip(further, values.dropFirst(2)) {
                    let first = property.owner == .atom ? property.components * atom : property.components * k
                    prediction.further[property] = Array(numbers[first..<first + property.count(atoms: system.count)])
                }
                if let energies = prediction.further[.atomicEnergies] {
                    prediction.further[.atomicEnergies] = zip(energies, system.numbers).map {
                        $0 + model.selfEnergies[$1]!
                    }
                }
                atom += system.count
                predictions.append(prediction)
            }
        }
        return predictions
    }
}
