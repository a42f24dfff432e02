/// The units of all numbers of one run: a length and an energy, from which the others follow.
///
/// | quantity | unit |
/// |---|---|
/// | positions, cutoffs | ``length`` |
/// | energies, self-energies | ``energy`` |
/// | forces | ``force`` = energy / length |
/// | charges | ``charge`` = e |
/// | dipole moments | ``dipole`` = e · length |
/// | all others | ``unit(of:)-(Dimension)``, the product of powers of these |
public struct UnitSystem: Hashable, Sendable {
    /// The unit of positions and cutoffs.
    public let length: Unit
    /// The unit of energies.
    public let energy: Unit

    /// Chooses the two units that define the system.
    ///
    /// - Throws: ``UnitError/wrongDimension(_:needed:)``.
    public init(energy: Unit, length: Unit) throws(UnitError) {
        guard energy.dimension == .energy else { throw .wrongDimension(energy, needed: .energy) }
        guard length.dimension == .length else { throw .wrongDimension(length, needed: .length) }
        self.init(validEnergy: energy, length: length)
    }

    private init(validEnergy energy: Unit, length: Unit) {
        self.energy = energy
        self.length = length
    }

    /// The unit of forces, energy / length.
    public var force: Unit { energy / length }
    /// The unit of stresses, energy / length³.
    public var stress: Unit { unit(of: Dimension.stress) }
    /// The unit of charges, the elementary charge.
    public var charge: Unit { .elementaryCharge }
    /// The unit of dipole moments, e · length.
    public var dipole: Unit { charge * length }

    /// eV and Å, the units of materials simulation.
    public static let electronvoltAngstrom = UnitSystem(validEnergy: .electronvolt, length: .angstrom)
    /// kJ/mol and nm, the units of biomolecular simulation and of modelforge.
    public static let kilojoulePerMoleNanometer = UnitSystem(validEnergy: .kilojoulePerMole, length: .nanometer)
    /// kcal/mol and Å, the units of force fields.
    public static let kilocaloriePerMoleAngstrom = UnitSystem(validEnergy: .kilocaloriePerMole, length: .angstrom)
    /// Hartree and bohr, the atomic units.
    public static let atomic = UnitSystem(validEnergy: .hartree, length: .bohr)
}

extension UnitSystem: CustomStringConvertible {
    /// Reads what ``description`` writes: an energy and a length with a comma between them, in either order.
    ///
    /// - Throws: A ``UnitError``.
    public init(_ text: String) throws(UnitError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .malformedUnitSystem(text) }
        let first = try Unit(String(parts[0]))
        let second = try Unit(String(parts[1]))
        if first.dimension == .length {
            try self.init(energy: second, length: first)
        } else {
            try self.init(energy: first, length: second)
        }
    }

    /// The two units in short form, such as `eV, Å`.
    public var description: String { "\(energy.symbol), \(length.symbol)" }
}
