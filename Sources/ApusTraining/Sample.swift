import ApusChemistry
import ApusDatasets

/// A system with the numbers that a network is trained to reproduce, in the units of the model.
public struct Sample: Sendable {
    /// The atoms.
    public let system: AtomicSystem
    /// The energy without self-energies.
    public let energy: Double?
    /// The force on each atom.
    public let forces: [SIMD3<Double>]?
    /// Record and place in the data, for messages.
    public let name: String

    /// Takes the self-energies off the energy of a configuration, in float64.
    ///
    /// - Throws: an `ApusError` that names an element without self-energy.
    public init(_ configuration: Configuration, selfEnergies: SelfEnergies) throws {
        system = configuration.system
        energy = try configuration.energy == nil ? nil : selfEnergies.removed(from: configuration)
        forces = configuration.forces
        let file = configuration.place.file.map { "\($0), " } ?? ""
        name = "\(configuration.record) (\(file)\(configuration.place))"
    }

    /// Whether energy and forces are numbers that can be learned.
    var hasFiniteLabels: Bool {
        (energy ?? 0).isFinite && (forces ?? []).allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }
    }
}
