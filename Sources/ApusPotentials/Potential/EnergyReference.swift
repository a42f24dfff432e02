/// What the energies that a model predicts mean, which depends on the labels that it was trained on.
public enum EnergyReference: String, Sendable, CaseIterable {
    /// Total energies.
    case absolute
    /// Total energies up to an unknown constant for each composition: the model was trained on forces without energies.
    case upToConstant = "up_to_constant"
    /// Nothing, and forces neither: the model was trained on charges or moments alone.
    case untrained

    /// What everybody who gets predictions must know; nil for total energies.
    public var warning: String? {
        switch self {
        case .absolute: nil
        case .upToConstant:
            "the model was trained on forces without energies: its energies are known up to a constant for each "
                + "composition, and only differences between geometries of a molecule mean something"
        case .untrained:
            "the model was trained on neither energies nor forces, and predicts none"
        }
    }
}
