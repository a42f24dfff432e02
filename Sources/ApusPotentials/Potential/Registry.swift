/// The types that configurations and model files can name.
///
/// A potential of one's own is a type in one file and a line here, or in a registry of one's own:
///
///     var registry = Registry.standard
///     registry.potentials.append(MyPotential.self)
public struct Registry: Sendable {
    /// The potentials.
    public var potentials: [any Potential.Type] = [
        SchNet.self,
        PaiNN.self,
    ]

    /// What predicts further properties of the features of atoms.
    public var heads: [any Head.Type] = [
        ChargeHead.self,
        SpinHead.self,
    ]

    /// What is added to the energy of a potential.
    public var terms: [any EnergyTerm.Type] = []

    /// What comes with the program.
    public static let standard = Registry()
}
