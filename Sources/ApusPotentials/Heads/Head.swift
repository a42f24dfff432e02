import ApusCPU
import ApusChemistry
import ApusGraph

/// A network that makes further properties of the features of atoms, beside the energy.
///
/// To add a head, write a type like ``ChargeHead`` or ``SpinHead`` in one file. What it predicts can then be trained
/// on, reported and written, see Documentation/Losses.md. Its stored properties are kept in the model file.
public protocol Head: Codable, Hashable, Sendable {
    /// The name in configurations and model files.
    static var name: String { get }
    /// The usual head.
    init()
    /// What can be predicted.
    var properties: [Property] { get }
    /// What it needs beside the features of atoms.
    var inputs: [SystemInput] { get }
    /// Builds the network: a tensor for each of ``properties``.
    ///
    /// Parameters are declared with `layers`, under the name of the head.
    func outputs(of atoms: AtomFeatures, _ layers: Layers) -> [Property: Tensor]
}

/// What a head sees of the atoms.
public struct AtomFeatures {
    /// The features of each atom, `atoms`, `[count]`.
    public let values: Tensor
    /// The number of features.
    public let count: Int
    /// The pairs within the cutoff.
    public let geometry: Geometry
    /// The cutoff radius, in the length unit of the model.
    public let cutoff: Double

    /// The graph that the network is part of.
    public var graph: Graph { values.graph }
}

/// The spin multiplicity of every atom, s_i = dense(silu dense(x_i)).
public struct SpinHead: Head {
    /// The name in configurations and model files.
    public static let name = "per_atom_spin_multiplicity"

    /// The usual head.
    public init() {}

    /// Spin multiplicities of atoms.
    public var properties: [Property] { [.atomicSpinMultiplicities] }
    /// Nothing.
    public var inputs: [SystemInput] { [] }

    /// s, `atoms`, `[1]`.
    public func outputs(of atoms: AtomFeatures, _ layers: Layers) -> [Property: Tensor] {
        [.atomicSpinMultiplicities: layers.readout(atoms.values, atoms.count)]
    }
}

extension Layers {
    /// dense(silu dense(x)) with half as many features between, `[1]` (SchNetPack's atom-wise head).
    public func readout(_ x: Tensor, _ features: Int) -> Tensor {
        let half = max(features / 2, 1)
        return linear("readout.1", half, 1)(silu(linear("readout.0", features, half)(x)))
    }
}
