import ApusChemistry
import ApusGraph
import ApusSystem

/// The graph of energies and forces, and of what potential and heads predict beside them.
///
///     E = Σ_i (σ ε_i + μ) + Σ_t E_t,   F_i = −∂E/∂r_i,   W = −Σ_ij r_ij ⊗ ∂E/∂r_ij,   σ = −W/V
///
/// with the atomic energies ε of a potential, the scale σ, the shift μ and energy terms t; the virial W and the stress −W/V of
/// a cell with the volume V are sums over the pairs, so every potential and every term has them.
public struct EnergyGraph {
    /// Everything that can be computed.
    public let graph: Graph
    /// The parameters in their order.
    public let declarations: [ParameterDeclaration]
    /// Every property that can be computed, without self-energies: energies, forces, stresses and virials, and what else is
    /// predicted.
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
        let layers = Layers(
            graph: graph, featurization: featurization, tabulation: tabulated ? potential.tabulation : nil)
        let geometry = layers.geometry(of: potential.pairLists[0])
        let atoms = potential.output(of: geometry, layers)
        require(
            (atoms.features != nil) == potential.givesFeatures,
            "'\(potential.name)' says other things about its features than it does")
        let epsilon = atoms.energies ?? layers.readout(atoms.features!, atoms.features!.shape.features)
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
            guard let features = atoms.features else { fatalError("'\(potential.name)' has no features for heads") }
            let seen = AtomFeatures(
                values: features, count: features.shape.features, geometry: geometry, cutoff: potential.cutoff)
            let name = type(of: head).name
            add(layers.group("heads.\(name)") { head.outputs(of: seen, layers) }, of: name, head.properties)
        }
        for term in terms {
            require(!term.usesCharges || further[.charges] != nil, "\(term.name) needs charges, which nothing predicts")
            let input = TermInput(
                geometry: layers.geometry(of: term.pairLists[0]), charges: further[.charges], units: units)
            energy = energy + layers.group("terms.\(term.name)") { term.energy(of: input, layers) }
        }
        energy = energy.named("energies")
        // ∂E/∂r_i collects ∂E/∂r_ij with opposite signs at both ends; systems without pairs feel no force.
        let pairs = zip(layers.pairVectors, gradient(of: energy, by: layers.pairVectors)).compactMap {
            vectors, slopes in
            slopes.map { (vectors: vectors, slopes: $0) }
        }
        require(!pairs.isEmpty, "the energy depends on no pair of atoms")
        let forces = total(pairs.map { -pairScatter($0.slopes) }).named("forces")
        let virial = total(pairs.map { Self.virial($0.vectors, $0.slopes) }).named("virials")
        outputs = further.merging([
            .energy: energy, .atomicEnergies: atomicEnergy, .forces: forces, .virial: virial,
            .stress: (-(virial * graph.input(.inverseVolumes))).named("stresses"),
        ]) { _, _ in fatalError("a network beside that of the energies makes energies or forces") }
        declarations = layers.declarations
        auxiliaryLosses = atoms.auxiliaryLosses
    }

    /// W = −Σ_ij r_ij ⊗ ∂E/∂r_ij over the pairs of one list, `systems`, `[9, 1]`: a strain ε turns every r_ij into r_ij (1 + ε),
    /// those to images too. What is not asked for is not computed.
    private static func virial(_ vectors: Tensor, _ slopes: Tensor) -> Tensor {
        guard let list = PairList(rows: vectors.rows) else { fatalError("'\(vectors)' are not those of pairs") }
        let products = contract(
            vectors, reshape(slopes, to: Shape(features: 3)), to: Shape(components: 3, features: 3))
        let ofAtoms = segmentSum(products, by: list.first, into: .atoms)
        return -reshape(segmentSum(ofAtoms, by: .systemOfAtom, into: .systems), to: Shape(components: 9))
    }
}

/// The sum of tensors of one kind, of which there is one at least.
private func total(_ tensors: [Tensor]) -> Tensor { tensors.dropFirst().reduce(tensors[0]) { $0 + $1 } }
