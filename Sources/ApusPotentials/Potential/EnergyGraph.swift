import ApusChemistry
import ApusGraph
import ApusSystem

/// The graph of energies and forces, and of what potential and heads predict beside them.
///
///     E = Σ_i (σ ε_i + μ) + Σ_t E_t,   F_i = −∂E/∂r_i
///
/// with the atomic energies ε of a potential, the scale σ, the shift μ and energy terms t.
public struct EnergyGraph {
    /// Everything that can be computed.
    public let graph: Graph
    /// The parameters in their order.
    public let declarations: [ParameterDeclaration]
    /// Every property that can be computed, without self-energies: energies and forces, and what else is predicted.
    public let outputs: [Property: Tensor]
    /// What training adds to its loss.
    public let auxiliaryLosses: [AuxiliaryLoss]

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
        _ potential: any Potential, scale: Double, shift: Double, featurization: Featurization = .element,
        heads: [any Head] = [], terms: [any EnergyTerm] = [], units: UnitSystem = .electronvoltAngstrom,
        tabulated: Bool = false
    ) {
        graph = Graph()
        let layers = Layers(graph: graph, featurization: featurization)
        let geometry = Geometry(graph, tabulation: tabulated ? potential.tabulation : nil)
        let atoms = potential.output(of: geometry, layers)
        let epsilon = atoms.energies ?? layers.readout(atoms.features, atoms.features.shape.features)
        let atomicEnergy = (scale * epsilon + shift).named("atomic energies")
        var energy = segmentSum(atomicEnergy, by: .systemOfAtom, into: .systems)

        var further: [Property: Tensor] = [:]
        func add(_ made: [Property: Tensor], of name: String, _ properties: [Property]) {
            for property in properties {
                guard let tensor = made[property] else { fatalError("'\(name)' does not make its \(property.name)") }
                require(further.updateValue(tensor, forKey: property) == nil, "two networks make the \(property.name)")
            }
        }
        add(atoms.further, of: potential.name, potential.properties)
        for head in heads {
            let seen = AtomFeatures(
                values: atoms.features, count: atoms.features.shape.features, geometry: geometry,
                cutoff: potential.cutoff)
            let name = type(of: head).name
            add(layers.group("heads.\(name)") { head.outputs(of: seen, layers) }, of: name, head.properties)
        }
        for term in terms {
            require(!term.usesCharges || further[.charges] != nil, "\(term.name) needs charges, which nothing predicts")
            let input = TermInput(geometry: geometry, charges: further[.charges], units: units)
            energy = energy + layers.group("terms.\(term.name)") { term.energy(of: input, layers) }
        }
        energy = energy.named("energies")
        // ∂E/∂r_i collects ∂E/∂r_ij with opposite signs at both ends; systems without pairs feel no force.
        let slopes = gradient(of: energy, by: [geometry.vectors])[0]!
        outputs = further.merging([
            .energy: energy, .atomicEnergies: atomicEnergy, .forces: (-pairScatter(slopes)).named("forces"),
        ]) { _, _ in fatalError("a network beside that of the energies makes energies or forces") }
        declarations = layers.declarations
        auxiliaryLosses = atoms.auxiliaryLosses
    }
}
