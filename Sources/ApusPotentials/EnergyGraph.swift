import ApusGraph

/// The graph of energies and forces.
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
    /// E, `systems`, `[1]`.
    public let energy: Tensor
    /// σ ε + μ, `atoms`, `[1]`.
    public let atomicEnergy: Tensor
    /// F, `atoms`, `[3, 1]`.
    public let forces: Tensor

    /// Builds the graph of a potential.
    ///
    /// - Parameter tabulated: whether filters are looked up in tables made once per step. That pays when a batch has
    ///   many more pairs than a table has rows. Energies change by less than float32 rounds, forces by some 10⁻⁵ of the
    ///   largest in float32 and 10⁻⁶ in float64; they stay the exact derivative of the energy.
    public init(_ architecture: Architecture, scale: Double, shift: Double, tabulated: Bool = false) {
        let representation = architecture.representation
        graph = Graph()
        let layers = Layers(graph: graph)
        let geometry = Geometry(graph, tabulation: tabulated ? representation.tabulation : nil)
        let x = representation.features(of: geometry, layers)
        let half = max(representation.features / 2, 1)
        let hidden = silu(layers.linear("readout.0", representation.features, half)(x))
        let output = layers.linear("readout.1", half, 1)(hidden)
        atomicEnergy = (scale * output + shift).named("atomic energies")
        energy = segmentSum(atomicEnergy, by: .systemOfAtom, into: .systems).named("energies")
        // ∂E/∂r_i collects ∂E/∂r_ij with opposite signs at both ends; systems without pairs feel no force.
        let slopes = gradient(of: energy, by: [geometry.vectors])[0]!
        forces = (-pairScatter(slopes)).named("forces")
        declarations = layers.declarations
    }
}
