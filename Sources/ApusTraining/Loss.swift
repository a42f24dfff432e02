import ApusGraph
import ApusPotentials

/// A term of the loss, named as in modelforge.
///
/// Every term is a squared error per system, averaged over the systems of a batch:
///
/// | component | per system |
/// |---|---|
/// | `per_system_energy` | (Ê − E)² |
/// | `per_atom_energy` | (Ê − E)²/N |
/// | `per_atom_force` | Σ_iα (F̂_iα − F_iα)²/(3N), F̂ = −∂Ê/∂r |
public enum LossComponent: String, Sendable, CaseIterable, Comparable {
    /// The squared error of the energy of a system.
    case perSystemEnergy = "per_system_energy"
    /// The squared error of the energy of a system, divided once by its number of atoms.
    case perAtomEnergy = "per_atom_energy"
    /// The squared error of a force component, averaged over the atoms and directions of a system.
    case perAtomForce = "per_atom_force"

    /// By name.
    public static func < (a: LossComponent, b: LossComponent) -> Bool { a.rawValue < b.rawValue }
}

/// The weighted sum of loss components.
public struct Loss: Sendable, Equatable {
    /// The weight of each component in use.
    public let weights: [LossComponent: Double]

    /// A loss of the given components.
    public init(weights: [LossComponent: Double]) {
        precondition(!weights.isEmpty, "a loss needs a component")
        self.weights = weights
    }

    /// Whether forces are compared.
    public var usesForces: Bool { weights[.perAtomForce] != nil }
    /// Whether energies are compared.
    public var usesEnergies: Bool { weights[.perSystemEnergy] != nil || weights[.perAtomEnergy] != nil }

    /// What the squared energy error of a system of `atoms` atoms counts in a batch of `systems` systems.
    func energyWeight(atoms: Int, systems: Int) -> Double {
        (weights[.perSystemEnergy, default: 0] + weights[.perAtomEnergy, default: 0] / Double(atoms)) / Double(systems)
    }

    /// What the squared force error of an atom counts.
    func forceWeight(atoms: Int, systems: Int) -> Double {
        weights[.perAtomForce, default: 0] / Double(3 * atoms * systems)
    }
}

/// The graph of the loss of a batch: Σ_s w_s (Ê_s − E_s)² + Σ_i w_i |F̂_i − F_i|².
///
/// The weights are inputs, worked out before the step, so that the loss is a plain sum over systems and can be added up
/// chunk by chunk.
struct LossGraph {
    static let energyTargets = "energy targets"
    static let energyWeights = "energy weights"
    static let forceTargets = "force targets"
    static let forceWeights = "force weights"

    /// Energies, forces where they are compared, and the gradients by all parameters as sums.
    let program: Program
    let loss: Loss

    init(_ model: EnergyGraph, _ loss: Loss) {
        self.loss = loss
        let graph = model.graph
        var terms: [Tensor] = []
        if loss.usesEnergies {
            let error = model.energy - graph.input(Self.energyTargets, rows: .systems)
            terms.append(columnSum(graph.input(Self.energyWeights, rows: .systems) * (error * error)))
        }
        if loss.usesForces {
            let error = model.forces - graph.input(Self.forceTargets, rows: .atoms, shape: .vector)
            let square = contract(error, error, to: .scalar)
            terms.append(columnSum(graph.input(Self.forceWeights, rows: .atoms) * square))
        }
        let total = terms.dropFirst().reduce(terms[0], +)
        let gradients = gradient(of: total, by: graph.parameters)
        let sums = zip(gradients, graph.parameters).map { gradient, parameter in
            gradient ?? zeros(like: parameter)
        }
        program = compile(outputs: [model.energy] + (loss.usesForces ? [model.forces] : []), sums: sums)
    }

    /// Adds targets and weights of samples to the chunk that holds their systems.
    func fill(_ chunk: inout Chunk, with samples: ArraySlice<Sample>, batch: Int) {
        if loss.usesEnergies {
            chunk.inputs[Self.energyTargets] = samples.map { $0.energy ?? 0 }
            chunk.inputs[Self.energyWeights] = samples.map {
                loss.energyWeight(atoms: $0.system.count, systems: batch)
            }
        }
        if loss.usesForces {
            chunk.inputs[Self.forceTargets] = samples.flatMap { sample in
                (sample.forces ?? []).flatMap { [$0.x, $0.y, $0.z] }
            }
            chunk.inputs[Self.forceWeights] = samples.flatMap { sample in
                let weight = loss.forceWeight(atoms: sample.system.count, systems: batch)
                return [Double](repeating: weight, count: sample.system.count)
            }
        }
    }
}

/// A gradient for a parameter that the loss does not depend on.
private func zeros(like parameter: Tensor) -> Tensor {
    guard case .fixed(let rows) = parameter.rows else { preconditionFailure("parameters have fixed rows") }
    return parameter.graph.constant(
        [Double](repeating: 0, count: rows * parameter.shape.count), shape: parameter.shape)
}
