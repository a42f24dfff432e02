import ApusSystem

/// A quantity that is known or predicted for a system or for each of its atoms.
///
/// The properties below are those that the program knows by itself. A further one is declared like them, in an
/// extension, and can then be read, learned and predicted as they are.
public struct Property: Codable, Sendable {
    /// What has a value of the property.
    public enum Owner: String, Codable, Sendable {
        /// The system as a whole.
        case system
        /// Every atom.
        case atom
    }

    /// The key in the table `properties_assignment` of a configuration file.
    public let key: String
    /// The name among losses, errors and predictions, such as `per_atom_force`.
    public let target: String
    /// The name in a sentence.
    public let name: String
    /// What has a value of the property.
    public let owner: Owner
    /// The numbers of one value: 1 for a scalar, 3 for a vector, 9 for a tensor row by row.
    public let components: Int
    /// The physical dimension of the numbers.
    public let dimension: Dimension
    /// Whether every number is a whole one.
    public let isWhole: Bool

    /// Declares a property.
    public init(
        key: String, target: String, name: String, owner: Owner, components: Int = 1, dimension: Dimension,
        isWhole: Bool = false
    ) {
        require([1, 3, 9].contains(components), "a value is a scalar, a vector or a tensor")
        self.key = key
        self.target = target
        self.name = name
        self.owner = owner
        self.components = components
        self.dimension = dimension
        self.isWhole = isWhole
    }

    /// The numbers that a system of some atoms has of the property.
    public func count(atoms: Int) -> Int { owner == .atom ? components * atoms : components }
}

extension Property: Hashable {
    /// Whether both have the same key.
    public static func == (left: Property, right: Property) -> Bool { left.key == right.key }

    /// Hashes the key.
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension Property: CaseIterable {
    /// The properties that the program knows by itself.
    public static let allCases: [Property] = [
        .atomicNumbers, .positions, .energy, .forces, .stress, .virial, .totalCharge, .spinMultiplicity, .dipole,
        .quadrupole, .charges, .atomicSpinMultiplicities, .atomicEnergies, .forceMask, .configurationWeight,
    ]

    /// The element of each atom.
    public static let atomicNumbers = Property(
        key: "atomic_numbers", target: "atomic_numbers", name: "elements", owner: .atom, dimension: .dimensionless,
        isWhole: true)
    /// The position of each atom.
    public static let positions = Property(
        key: "positions", target: "positions", name: "positions", owner: .atom, components: 3, dimension: .length)
    /// The total energy.
    public static let energy = Property(
        key: "E", target: "per_system_energy", name: "energy", owner: .system, dimension: .energy)
    /// The force on each atom, −∂E/∂r.
    public static let forces = Property(
        key: "F", target: "per_atom_force", name: "forces", owner: .atom, components: 3, dimension: .force)
    /// The stress σ = (1/V) ∂E/∂ε of a periodic cell of volume V for the strain r → r (1 + ε), h → h (1 + ε), row by row.
    ///
    /// It is positive under tension, as ASE has it.
    public static let stress = Property(
        key: "stress", target: "per_system_stress", name: "stress", owner: .system, components: 9, dimension: .stress)
    /// The virial W = −∂E/∂ε = −V σ of a periodic cell, row by row.
    public static let virial = Property(
        key: "virial", target: "per_system_virial", name: "virial", owner: .system, components: 9, dimension: .energy)
    /// The total charge.
    public static let totalCharge = Property(
        key: "total_charge", target: "per_system_total_charge", name: "total charge", owner: .system,
        dimension: .charge, isWhole: true)
    /// The spin multiplicity 2S + 1.
    public static let spinMultiplicity = Property(
        key: "spin_multiplicity", target: "per_system_spin_state", name: "spin multiplicity", owner: .system,
        dimension: .dimensionless, isWhole: true)
    /// The electric dipole moment Σ q r.
    public static let dipole = Property(
        key: "dipole_moment", target: "per_system_dipole_moment", name: "dipole moment", owner: .system,
        components: 3, dimension: .dipole)
    /// The traceless electric quadrupole moment Σ q (3 r rᵀ − r² 1), row by row.
    public static let quadrupole = Property(
        key: "quadrupole_moment", target: "per_system_quadrupole_moment", name: "quadrupole moment", owner: .system,
        components: 9, dimension: .quadrupole)
    /// The partial charge of each atom.
    public static let charges = Property(
        key: "partial_charges", target: "per_atom_charge", name: "partial charges", owner: .atom, dimension: .charge)
    /// The spin multiplicity of each atom; not whole, since it is that of a part of a molecule.
    public static let atomicSpinMultiplicities = Property(
        key: "per_atom_spin_multiplicity", target: "per_atom_spin_multiplicity", name: "atomic spin multiplicities",
        owner: .atom, dimension: .dimensionless)
    /// The energy of each atom, in a partition of the total energy.
    public static let atomicEnergies = Property(
        key: "atomic_energies", target: "per_atom_energy", name: "atomic energies", owner: .atom, dimension: .energy)
    /// 1 for an atom whose force is learned and compared, 0 for one that was held fixed.
    public static let forceMask = Property(
        key: "force_mask", target: "per_atom_force_mask", name: "mask of the forces", owner: .atom,
        dimension: .dimensionless, isWhole: true)
    /// What the errors of a configuration are multiplied by in the loss, ≥ 0.
    public static let configurationWeight = Property(
        key: "config_weight", target: "per_system_weight", name: "weight of the configuration", owner: .system,
        dimension: .dimensionless)
}

extension UnitSystem {
    /// The unit of a property.
    public func unit(of property: Property) -> Unit { unit(of: property.dimension) }

    /// The unit of a dimension, a product of powers of the units of energy, charge and length.
    ///
    /// - Precondition: The dimension has no amount of substance.
    public func unit(of dimension: Dimension) -> Unit {
        require(dimension.amount == 0, "molecular quantities have no amount of substance")
        var unit = Unit.dimensionless
        for (factor, exponent) in [
            (energy, dimension.energy), (charge, dimension.charge), (length, dimension.length),
        ] {
            for _ in 0..<abs(exponent) { unit = exponent > 0 ? unit * factor : unit / factor }
        }
        return unit
    }
}
