import ApusChemistry
import ApusGraph

/// A potential with everything that a prediction needs: architecture, parameters, units and self-energies.
public struct EnergyModel: Sendable, Equatable {
    /// The network and its hyper-parameters.
    public var architecture: Architecture
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

    /// A model with given parameters.
    public init(
        architecture: Architecture, parameters: [Double], units: UnitSystem, selfEnergies: [Int: Double], scale: Double,
        shift: Double
    ) {
        self.architecture = architecture
        self.parameters = parameters
        self.units = units
        self.selfEnergies = selfEnergies
        self.scale = scale
        self.shift = shift
    }

    /// The graph of energies and forces.
    public var graph: EnergyGraph { EnergyGraph(architecture, scale: scale, shift: shift) }

    /// Names and shapes of the parameters.
    public var declarations: [ParameterDeclaration] { graph.declarations }

    /// Random first parameters of an architecture, the same for the same seed on every machine.
    public static func initialParameters(_ declarations: [ParameterDeclaration], seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return declarations.flatMap { declaration -> [Double] in
            switch declaration.initializer {
            case .zeros: return [Double](repeating: 0, count: declaration.count)
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

    /// The first atom whose element the model does not know.
    public func unknownAtom(in system: AtomicSystem) -> Int? {
        system.numbers.firstIndex { selfEnergies[$0] == nil }
    }
}
