/// The physical dimension of a unit: a product of powers of length, energy, charge and amount of substance.
///
/// Amount of substance is there to tell kJ, the energy of a macroscopic sample, from kJ/mol, the energy of one
/// molecule: the first has the dimension energy · amount, the second energy.
public struct Dimension: Hashable, Codable, Sendable {
    /// The power of length.
    public let length: Int
    /// The power of energy, meaning the energy of one molecule.
    public let energy: Int
    /// The power of electric charge.
    public let charge: Int
    /// The power of amount of substance.
    public let amount: Int

    /// Describes a dimension by its powers.
    public init(length: Int = 0, energy: Int = 0, charge: Int = 0, amount: Int = 0) {
        self.length = length
        self.energy = energy
        self.charge = charge
        self.amount = amount
    }

    /// A pure number.
    public static let dimensionless = Dimension()
    /// Length.
    public static let length = Dimension(length: 1)
    /// Energy of one molecule.
    public static let energy = Dimension(energy: 1)
    /// Force, which is energy / length.
    public static let force = energy / length
    /// Stress and pressure, which are energy / length³.
    public static let stress = energy / (length * length * length)
    /// Electric charge.
    public static let charge = Dimension(charge: 1)
    /// Electric dipole moment, which is charge · length.
    public static let dipole = charge * length
    /// Electric quadrupole moment, which is charge · length².
    public static let quadrupole = charge * length * length
    /// Amount of substance.
    public static let amount = Dimension(amount: 1)

    /// The dimension of a product.
    public static func * (left: Dimension, right: Dimension) -> Dimension {
        Dimension(
            length: left.length + right.length, energy: left.energy + right.energy,
            charge: left.charge + right.charge, amount: left.amount + right.amount)
    }

    /// The dimension of a quotient.
    public static func / (left: Dimension, right: Dimension) -> Dimension {
        left * right.power(-1)
    }

    func power(_ exponent: Int) -> Dimension {
        Dimension(
            length: length * exponent, energy: energy * exponent,
            charge: charge * exponent, amount: amount * exponent)
    }
}

extension Dimension: CustomStringConvertible {
    /// The common name where there is one, otherwise the powers, such as `energy/length^2`.
    public var description: String {
        switch self {
        case .dimensionless: "dimensionless"
        case .force: "force"
        case .dipole: "dipole"
        case .quadrupole: "quadrupole"
        case .stress: "stress"
        default:
            productText([("energy", energy), ("amount", amount), ("charge", charge), ("length", length)])
        }
    }

    /// Names of units that have this dimension, for messages; empty where nothing is in common use.
    var examples: String? {
        switch self {
        case .length: "angstrom, nanometer or bohr"
        case .energy: "eV, hartree, kJ/mol or kcal/mol"
        case .force: "eV/angstrom, hartree/bohr, kJ/mol/nm or kcal/mol/angstrom"
        case .charge: "e (elementary_charge)"
        case .stress: "eV/angstrom^3, GPa, kbar or kJ/mol/nm^3"
        case .dipole: "e*angstrom, e*nanometer or debye"
        case .quadrupole: "e*angstrom^2, e*nanometer^2 or debye*angstrom"
        default: nil
        }
    }
}

/// Writes a product of powers in the way chemists do: `kJ/mol/nm`, `e·Å`, `1/nm^2`.
func productText(_ factors: [(name: String, exponent: Int)]) -> String {
    func powerText(_ name: String, _ exponent: Int) -> String {
        exponent == 1 ? name : "\(name)^\(exponent)"
    }
    let above = factors.filter { $0.exponent > 0 }.map { powerText($0.name, $0.exponent) }
    let below = factors.filter { $0.exponent < 0 }.map { "/" + powerText($0.name, -$0.exponent) }
    return (above.isEmpty ? "1" : above.joined(separator: "·")) + below.joined()
}
