import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

/// The graph of energies and forces, and of what further heads predict.
///
///     ε_i = dense(silu dense(x_i)),   E = Σ_i (σ ε_i + μ),   F_i = −∂E/∂r_i
///
/// with the features x of a representation, the scale σ and the shift μ. The output network halves the features
/// (SchNetPack's atom-wise head).
public struct EnergyGraph {
    /// Everything that can be computed.
    public let graph: Graph
    /// The parameters in their order.
    public let declarations: [ParameterDeclaration]
    /// Every property that can be computed, without self-energies: energies and forces, and those of the heads.
    public let outputs: [Property: Tensor]

    /// E, `systems`, `[1]`.
    public var energy: Tensor { outputs[.energy]! }
    /// σ ε + μ, `atoms`, `[1]`.
    public var atomicEnergy: Tensor { outputs[.atomicEnergies]! }
    /// F, `atoms`, `[3, 1]`.
    public var forces: Tensor { outputs[.forces]! }

    /// Builds the graph of a potential.
    ///
    /// - Parameter tabulated: whether filters are looked up in tables made once per step. That pays when a batch has
    ///   many more pairs than a table has rows. Energies change by less than float32 rounds, forces by some 10⁻⁵ of the
    ///   largest in float32 and 10⁻⁶ in float64; they stay the exact derivative of the energy.
    public init(
        _ architecture: Architecture, scale: Double, shift: Double, featurization: Featurization = .element,
        heads: [any Head] = [], tabulated: Bool = false
    ) {
        let representation = architecture.representation
        graph = Graph()
        let layers = Layers(graph: graph, featurization: featurization)
        let geometry = Geometry(graph, tabulation: tabulated ? representation.tabulation : nil)
        let x = representation.features(of: geometry, layers)
        let atomicEnergy = (scale * layers.readout(x, representation.features) + shift).named("atomic energies")
        let energy = segmentSum(atomicEnergy, by: .systemOfAtom, into: .systems).named("energies")
        // ∂E/∂r_i collects ∂E/∂r_ij with opposite signs at both ends; systems without pairs feel no force.
        let slopes = gradient(of: energy, by: [geometry.vectors])[0]!
        var outputs = [
            Property.energy: energy, .atomicEnergies: atomicEnergy, .forces: (-pairScatter(slopes)).named("forces"),
        ]
        let atoms = AtomFeatures(
            values: x, count: representation.features, geometry: geometry, cutoff: representation.cutoff)
        for head in heads {
            let made = layers.group("heads.\(type(of: head).name)") { head.outputs(of: atoms, layers) }
            for property in head.properties {
                guard let tensor = made[property] else {
                    fatalError("the head '\(type(of: head).name)' does not make its \(property.name)")
                }
                require(outputs[property] == nil, "two heads make the \(property.name)")
                outputs[property] = tensor
            }
        }
        self.outputs = outputs
        declarations = layers.declarations
    }
}
