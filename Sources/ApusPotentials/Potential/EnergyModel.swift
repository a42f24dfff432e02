import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

/// A potential with everything that a prediction needs: hyper-parameters, parameters, units and self-energies.
public struct EnergyModel: Sendable {
    /// The network and its hyper-parameters.
    public var potential: any Potential
    /// The parameters, flat, in the order of ``declarations``.
    public var parameters: [Double]
    /// The units of positions, energies and forces.
    public var units: UnitSystem
    /// The energy of each element that is added for every atom of it; only elements listed here can be predicted.
    public var selfEnergies: [Int: Double]
    /// σ: atomic energies are σ ε + μ.
    public var scale: Double
    /// μ: atomic energies are σ ε + μ.
    public var shift: Double
    /// What the first features of an atom are made of.
    public var featurization = Featurization.element
    /// What is predicted beside energies and forces.
    public var heads: [any Head] = []
    /// What is added to the energies of the network.
    public var terms: [any EnergyTerm] = []
    /// An energy that was taken off every system before training (`shift_energies`) and is added to every prediction.
    public var energyOffset = 0.0
    /// What the energies mean.
    public var energyReference = EnergyReference.absolute
    /// Whether predictions contain the energy of every atom.
    public var keepsAtomicEnergies = false
    /// The compositions whose self-energies the training determined; nil where it did so for all, or where they were
    /// given. No prediction depends on it.
    public var compositions: CompositionSpan?

    /// A model with given parameters.
    public init(
        potential: any Potential, parameters: [Double], units: UnitSystem, selfEnergies: [Int: Double], scale: Double,
        shift: Double
    ) {
        self.potential = potential
        self.parameters = parameters
        self.units = units
        self.selfEnergies = selfEnergies
        self.scale = scale
        self.shift = shift
    }

    /// The graph of energies, forces and what the heads predict.
    public var graph: EnergyGraph { graph(tabulated: false) }

    /// The graph, with or without filters in tables; see ``EnergyGraph``.
    public func graph(tabulated: Bool) -> EnergyGraph {
        EnergyGraph(
            potential, scale: scale, shift: shift, featurization: featurization, heads: heads, terms: terms,
            units: units, tabulated: tabulated)
    }

    /// What is predicted for a system; stress and virial are those of systems with a volume.
    public var properties: [Property] { [.energy, .forces, .stress, .virial] + furtherProperties }

    /// What is predicted beside energy and its derivatives.
    public var furtherProperties: [Property] {
        potential.properties + heads.flatMap(\.properties) + (keepsAtomicEnergies ? [.atomicEnergies] : [])
    }

    /// Beyond this distance the potential sees no atoms, in the length unit of the model.
    public var cutoff: Double { potential.cutoff }

    /// The pairs that potential and terms ask for, each list once.
    public var pairLists: [PairRequest] {
        terms.reduce(into: potential.pairLists) { lists, term in
            lists += term.pairLists.filter { !lists.contains($0) }
        }
    }

    /// What the network knows of systems and atoms beside the geometry.
    public var inputs: [SystemInput] {
        let used = Set(
            potential.inputs + heads.flatMap(\.inputs) + terms.flatMap(\.inputs)
                + (featurization.totalCharge ? [.totalCharges] : [])
                + (featurization.spinMultiplicity ? [.spinMultiplicities] : []))
        return SystemInput.allCases.filter(used.contains)
    }

    /// What must be stated about a system, because the network reads it.
    public var featurizationLabels: [Property] {
        (featurization.totalCharge ? [.totalCharge] : [])
            + (featurization.spinMultiplicity ? [.spinMultiplicity] : [])
    }

    /// What should be stated rightly where it is stated, because network or heads read it.
    public var requiredLabels: [Property] {
        featurizationLabels + (inputs.contains(.totalCharges) && !featurization.totalCharge ? [.totalCharge] : [])
    }

    /// Names and shapes of the parameters.
    public var declarations: [ParameterDeclaration] { graph.declarations }

    /// Random first parameters of a network, the same for the same seed on every machine.
    public static func initialParameters(_ declarations: [ParameterDeclaration], seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return declarations.flatMap { declaration -> [Double] in
            switch declaration.initializer {
            case .zeros: return [Double](repeating: 0, count: declaration.count)
            case .values(let values): return values
            case .standardNormal: return (0..<declaration.count).map { _ in generator.normal() }
            case .glorotUniform:
                let bound = (6 / Double(declaration.rows + declaration.features)).squareRoot()
                return (0..<declaration.count).map { _ in bound * (2 * generator.uniform() - 1) }
            }
        }
    }

    /// The sum of the self-energies of a system's atoms.
    ///
    /// - Precondition: the model knows all its elements.
    public func selfEnergy(of system: AtomicSystem) -> Double {
        system.numbers.reduce(0) { $0 + selfEnergies[$1]! }
    }

    /// What predictions of the network lack: the offset and the self-energies of a system's atoms.
    ///
    /// - Precondition: the model knows all its elements.
    public func baseEnergy(of system: AtomicSystem) -> Double { energyOffset + selfEnergy(of: system) }

    /// The first atom whose element the model does not know.
    public func unknownAtom(in system: AtomicSystem) -> Int? {
        system.numbers.firstIndex { selfEnergies[$0] == nil }
    }
}

extension EnergyModel: Equatable {
    /// Whether both predict the same.
    public static func == (a: EnergyModel, b: EnergyModel) -> Bool {
        AnyHashable(a.potential) == AnyHashable(b.potential) && a.parameters == b.parameters && a.units == b.units
            && a.selfEnergies == b.selfEnergies && a.scale == b.scale && a.shift == b.shift
            && a.featurization == b.featurization && a.energyOffset == b.energyOffset
            && a.energyReference == b.energyReference
            && a.keepsAtomicEnergies == b.keepsAtomicEnergies
            && a.heads.map { AnyHashable($0) } == b.heads.map { AnyHashable($0) }
            && a.terms.map { AnyHashable($0) } == b.terms.map { AnyHashable($0) }
    }
}
