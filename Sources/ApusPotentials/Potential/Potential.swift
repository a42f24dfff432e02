import ApusChemistry
import ApusGraph

/// What gives the energy of atoms in their neighbourhood.
///
/// A potential is a type in one file, such as ``SchNet`` or ``PaiNN``, and a line in ``ModelRegistry``: its hyper-parameters are
/// declared once, and configuration, help, model files and checks follow from that. Documentation/Potentials.md shows
/// a whole one.
public protocol Potential: Configurable {
    /// Where it was published, such as `arXiv 2102.03150`.
    static var reference: String { get }
    /// Beyond this distance atoms do not see each other, in the length unit of the model.
    var cutoff: Double { get }
    /// The pairs that it asks for; the network's within the cutoff unless it wants others.
    var pairLists: [PairRequest] { get }
    /// The function between linear layers: forces jump where its slope does.
    var activation: Activation { get }
    /// Rows of the embedding of elements: atomic numbers must be smaller.
    var embeddingRows: Int { get }
    /// How functions of the distance alone may be tabulated; nil where there are none worth it.
    var tabulation: Tabulation? { get }
    /// Whether it gives features of atoms, which heads read.
    var givesFeatures: Bool { get }
    /// What it predicts beside energies, such as partial charges.
    var properties: [Property] { get }
    /// What it needs beside elements and geometry.
    var inputs: [SystemInput] { get }
    /// Builds the network, of the first of its pair lists; `layers.geometry(of:)` has the others.
    func output(of geometry: Geometry, _ layers: Layers) -> PotentialOutput
}

extension Potential {
    /// The network's.
    public var pairLists: [PairRequest] { [PairRequest(.network, cutoff: cutoff)] }
    /// A smooth function.
    public var activation: Activation { .silu }
    /// All elements.
    public var embeddingRows: Int { Element.all.count + 1 }
    /// Without functions of the distance that cost more than a lookup.
    public var tabulation: Tabulation? { nil }
    /// It does.
    public var givesFeatures: Bool { true }
    /// Nothing.
    public var properties: [Property] { [] }
    /// Nothing.
    public var inputs: [SystemInput] { [] }
}

/// What a potential makes of the atoms: energies, features of which a readout makes energies, or both.
public struct PotentialOutput {
    /// The features of every atom, `atoms`, `[F]`: what heads read; nil where the potential ``Potential/givesFeatures`` not.
    public var features: Tensor?
    /// ε, `atoms`, `[1]`: atomic energies are σ ε + μ. Where the potential gives none, a readout that all potentials share
    /// makes them of the features, ε_i = dense(silu dense(x_i)) with F/2 features between.
    public var energies: Tensor?
    /// What is predicted beside energies, such as what ``properties(ofCharges:before:dipoles:)`` makes of partial charges.
    public var further: [Property: Tensor]
    /// What training adds to its loss.
    public var auxiliaryLosses: [AuxiliaryLoss]

    /// Features, with or without energies that are made of them.
    public init(
        features: Tensor, energies: Tensor? = nil, further: [Property: Tensor] = [:],
        auxiliaryLosses: [AuxiliaryLoss] = []
    ) {
        (self.features, self.energies) = (features, energies)
        (self.further, self.auxiliaryLosses) = (further, auxiliaryLosses)
    }

    /// Energies alone, of potentials without features that heads could read.
    public init(
        energies: Tensor, further: [Property: Tensor] = [:], auxiliaryLosses: [AuxiliaryLoss] = []
    ) {
        (features, self.energies) = (nil, energies)
        (self.further, self.auxiliaryLosses) = (further, auxiliaryLosses)
    }
}

/// What a potential wants to be small beside the errors that the loss compares: w Σ l/n over the n systems of a batch, or
/// over their atoms.
public struct AuxiliaryLoss {
    /// The name among the components of the loss.
    public let name: String
    /// l ≥ 0, `systems` or `atoms`, `[1]`.
    public let values: Tensor
    /// w.
    public let weight: Double

    /// A loss with its weight.
    public init(_ name: String, _ values: Tensor, weight: Double) {
        (self.name, self.values, self.weight) = (name, values, weight)
    }
}
