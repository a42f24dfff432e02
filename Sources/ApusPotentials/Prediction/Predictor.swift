import ApusCPU
import ApusChemistry
import ApusGraph

/// Computes energies, forces and further properties of systems with a model; stresses and virials where a system has a
/// volume.
public final class Predictor {
    /// The model in use.
    public let model: EnergyModel
    private let program: BatchProgram
    /// The program that computes stresses too, made for the first system with a volume.
    private lazy var volumeProgram = Self.program(
        of: model, graph, [.energy, .forces, .stress, .virial] + further, on: device)
    private let further: [Property]
    private let device: Device
    private let graph: EnergyGraph

    /// Compiles the model.
    ///
    /// - Parameters:
    ///   - withHeads: Whether more is predicted than energies and their derivatives.
    ///   - device: What it runs on.
    public init(_ model: EnergyModel, withHeads: Bool = true, on device: Device) {
        self.model = model
        self.device = device
        further = withHeads ? model.furtherProperties : []
        graph = model.graph(tabulated: model.usesTables(in: device.precision))
        program = Self.program(of: model, graph, [.energy, .forces] + further, on: device)
    }

    /// Compiles the model for the best kernels of this machine, in float32 and on all cores.
    ///
    /// - Throws: `InstructionSetError` when the environment asks for kernels that cannot run.
    public convenience init(_ model: EnergyModel) throws { self.init(model, on: try Device()) }

    private static func program(
        of model: EnergyModel, _ graph: EnergyGraph, _ properties: [Property], on device: Device
    ) -> BatchProgram {
        let program = BatchProgram(model, outputs: properties.map { ($0.key, graph.outputs[$0]!) }, on: device)
        program.prepare(Numbers(model.parameters, on: device))
        return program
    }

    /// The program that predicts systems.
    func program(for systems: [AtomicSystem]) -> BatchProgram {
        systems.contains { $0.volume != nil } ? volumeProgram : program
    }

    /// Predicts systems.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point, or images of them.
    /// - Precondition: the model knows all elements.
    public func predict(_ systems: [AtomicSystem]) throws -> [Prediction] {
        let batch = try program(for: systems).run(systems)
        return systems.enumerated().map { k, system in
            Prediction(batch, k, of: (system.volume == nil ? [] : [.stress, .virial]) + further, by: model)
        }
    }
}
