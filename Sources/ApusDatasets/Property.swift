/// A property that a data file holds for every configuration.
///
/// The raw values are the keys of the table `properties_assignment` in a configuration file.
public enum Property: String, CaseIterable, Sendable {
    /// The element of each atom.
    case atomicNumbers = "atomic_numbers"
    /// The position of each atom.
    case positions
    /// The total energy.
    case energy = "E"
    /// The force on each atom, −∂E/∂r.
    case forces = "F"
    /// The total charge.
    case totalCharge = "total_charge"
    /// The electric dipole moment.
    case dipole = "dipole_moment"
    /// The partial charge of each atom.
    case charges = "partial_charges"

    /// The name in a sentence.
    public var name: String {
        switch self {
        case .atomicNumbers: "elements"
        case .positions: "positions"
        case .energy: "energy"
        case .forces: "forces"
        case .totalCharge: "total charge"
        case .dipole: "dipole moment"
        case .charges: "partial charges"
        }
    }
}
