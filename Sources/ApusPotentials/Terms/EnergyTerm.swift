import ApusChemistry
import ApusGraph

/// An energy that is added to that of the network: repulsion at short distances, dispersion, electrostatics.
///
///     E = Σ_i (σ ε_i + μ) + Σ_t E_t
///
/// A term is a type in one file and a line in ``ModelRegistry``. It is differentiated like everything else, its hyper-parameters
/// are kept in the model file, and its parameters, if it has any, are fixed or trained as their ``ParameterGroup`` says.
public protocol EnergyTerm: Configurable {
    /// The pairs that it asks for. A list has one cutoff; lists of one's own have names of one's own.
    var pairLists: [PairRequest] { get }
    /// What it needs beside elements, geometry and charges.
    var inputs: [SystemInput] { get }
    /// Whether it reads the partial charges that the potential or a head predicts.
    var usesCharges: Bool { get }
    /// The energy of each system, `systems`, `[1]`, in the energy unit of the model.
    func energy(of atoms: TermInput, _ layers: Layers) -> Tensor
}

extension EnergyTerm {
    /// Nothing.
    public var inputs: [SystemInput] { [] }
    /// Elements and geometry suffice.
    public var usesCharges: Bool { false }
}

/// What an energy term sees of the atoms.
public struct TermInput {
    /// The first of the lists that it asked for; `layers.geometry(of:)` has all.
    public let geometry: Geometry
    /// The partial charges, `atoms`, `[1]`, in e; for terms that use them.
    public let charges: Tensor?
    /// The units of the model.
    public let units: UnitSystem

    /// The graph that the term is part of.
    public var graph: Graph { geometry.distances.graph }
}
