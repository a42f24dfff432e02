/// The types that model files can name.
///
/// A potential of one's own is a type in one file and a line below, or in a registry of one's own:
///
///     ModelRegistry(potentials: standardPotentials + [MyPotential.self])
public struct ModelRegistry: Sendable {
    /// The potentials.
    public var potentials: [any Potential.Type]
    /// What predicts further properties of the features of atoms.
    public var heads: [any Head.Type]
    /// What is added to the energy of a potential.
    public var terms: [any EnergyTerm.Type]

    /// Those of the program, unless others are given.
    public init(
        potentials: [any Potential.Type] = standardPotentials, heads: [any Head.Type] = standardHeads,
        terms: [any EnergyTerm.Type] = standardTerms
    ) {
        (self.potentials, self.heads, self.terms) = (potentials, heads, terms)
    }

    /// What comes with the program.
    public static let standard = ModelRegistry()
}

/// The potentials that come with the program.
public let standardPotentials: [any Potential.Type] = [
    SchNet.self,
    PaiNN.self,
]

/// The heads that come with the program.
public let standardHeads: [any Head.Type] = [
    ChargeHead.self,
    SpinHead.self,
]

/// The energy terms that come with the program.
public let standardTerms: [any EnergyTerm.Type] = []
