import ApusCPU
import ApusChemistry
import ApusGraph

/// Computes energies, forces and further properties of systems with a model.
public final class Predictor {
    /// The model in use.
    public let model: EnergyModel
    let program: BatchProgram
    private let further: [Property]

    /// Compiles the model.
    ///
    /// - Parameters:
    ///   - withHeads: Whether more is predicted than energies and forces.
    ///   - device: What it runs on.
    public init(_ model: EnergyModel, withHeads: Bool = true, on device: Device) {
        self.model = model
        further = withHeads ? model.furtherProperties : []
        let graph = model.graph(tabulated: model.usesTables(in: device.precision))
        program = BatchProgram(
            model, outputs: ([.energy, .forces] + further).map { ($0.key, graph.outputs[$0]!) }, on: device)
        program.executor.prepare(Numbers(model.parameters, on: device))
    }

    /// Compiles the model for the best kernels of this machine, in float32 and on all cores.
    ///
    /// - Throws: `InstructionSetError` when the environment asks for kernels that cannot run.
    public convenience init(_ model: EnergyModel) throws { self.init(model, on: try Device()) }

    /// Predicts systems.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    /// - Precondition: the model knows all elements.
    public func predict(_ systems: [AtomicSystem]) throws -> [Prediction] {
        let batch = try program.run(systems)
        return systems.indices.map { Prediction(batch, $0, of: further, by: model) }
    }
}
