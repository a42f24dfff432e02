/// A unit of measurement, such as `kilojoule_per_mole / nanometer`.
///
/// A unit keeps the spelling it was read with, but two units are equal when they measure alike, whatever their
/// spelling: `kJ/mol/nm` equals `kilojoule_per_mole / nanometer`.
///
/// Accepted are
/// - lengths: `angstrom`, `Å`, `A`, `nanometer`, `nm`, `picometer`, `pm`, `bohr`;
/// - energies: `electron_volt`, `eV`, `meV`, `hartree`, `Ha`, `Eh`, `rydberg`, `Ry`, and `kilojoule`, `kJ`, `joule`,
///   `kilocalorie`, `kcal` (thermochemical), `calorie` per `mole`, `mol`;
/// - stresses: `gigapascal`, `GPa`, `MPa`, `Pa`, `kilobar`, `kbar`, `bar`;
/// - charges and dipoles: `elementary_charge`, `e`, `debye`, `D`;
/// - `dimensionless`, and products, quotients and integer powers, with `*`, `·`, `/`, `_per_`, `^`, `**` and
///   parentheses. As in arithmetic, `a/b*c` is (a/b)·c.
public struct Unit: Sendable {
    /// The unit as it was written.
    public let spelling: String
    /// The physical dimension.
    public let dimension: Dimension
    /// The size of the unit, in powers of Å, eV and e.
    ///
    /// Only ratios of two of these have a meaning outside this module, see ``Unit/factor(to:)``.
    let magnitude: Double
    /// The exponent of every elementary unit, by its position in `ElementaryUnit.all`.
    let exponents: [Int]

    /// Builds a unit from its powers, always in the same order so that equal units get the same bits.
    init(spelling: String? = nil, exponents: [Int]) {
        var dimension = Dimension.dimensionless
        var magnitude = 1.0
        for (unit, exponent) in zip(ElementaryUnit.all, exponents) where exponent != 0 {
            dimension = dimension * unit.dimension.power(exponent)
            for _ in 0..<abs(exponent) {
                magnitude = exponent > 0 ? magnitude * unit.factor : magnitude / unit.factor
            }
        }
        self.exponents = exponents
        self.dimension = dimension
        self.magnitude = magnitude
        self.spelling = spelling ?? Unit.symbol(exponents)
    }

    /// A short form for display, such as `eV/Å`, `kcal/mol/Å` or `e·nm`.
    public var symbol: String { Unit.symbol(exponents) }

    private static func symbol(_ exponents: [Int]) -> String {
        exponents.allSatisfy { $0 == 0 }
            ? "dimensionless" : productText(Array(zip(ElementaryUnit.all.map(\.symbol), exponents)))
    }

    /// The number by which a value in this unit is multiplied to get the value in another.
    ///
    /// - Throws: ``UnitError/wrongDimension(_:needed:)`` when the two units measure different things.
    public func factor(to other: Unit) throws(UnitError) -> Double {
        guard dimension == other.dimension else {
            throw .wrongDimension(self, needed: other.dimension)
        }
        return magnitude / other.magnitude
    }

    /// The product of two units.
    public static func * (left: Unit, right: Unit) -> Unit {
        Unit(exponents: zip(left.exponents, right.exponents).map { $0 + $1 })
    }

    /// The quotient of two units.
    public static func / (left: Unit, right: Unit) -> Unit {
        Unit(exponents: zip(left.exponents, right.exponents).map { $0 - $1 })
    }
}

extension Unit: Hashable {
    /// Whether the two measure alike.
    public static func == (left: Unit, right: Unit) -> Bool {
        left.dimension == right.dimension && left.magnitude == right.magnitude
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(dimension)
        hasher.combine(magnitude)
    }
}

extension Unit: CustomStringConvertible {
    /// The unit as it was written.
    public var description: String { spelling }
}

extension Unit {
    /// The pure number one.
    public static let dimensionless = elementary(nil)
    /// 10⁻¹⁰ m.
    public static let angstrom = elementary("Å")
    /// 10⁻⁹ m.
    public static let nanometer = elementary("nm")
    /// The atomic unit of length.
    public static let bohr = elementary("bohr")
    /// The energy of one elementary charge at one volt.
    public static let electronvolt = elementary("eV")
    /// The atomic unit of energy.
    public static let hartree = elementary("Ha")
    /// 1 kJ per mole of molecules.
    public static let kilojoulePerMole = elementary("kJ") / elementary("mol")
    /// 1 kcal (4.184 kJ) per mole of molecules.
    public static let kilocaloriePerMole = elementary("kcal") / elementary("mol")
    /// 10⁹ J/m³, about 0.00624 eV/Å³.
    public static let gigapascal = elementary("GPa")
    /// 10⁸ J/m³, a tenth of a GPa.
    public static let kilobar = elementary("kbar")
    /// The charge of a proton.
    public static let elementaryCharge = elementary("e")
    /// 10⁻¹⁸ esu·cm, about 0.208 e·Å.
    public static let debye = elementary("D")

    private static func elementary(_ symbol: String?) -> Unit {
        Unit(exponents: ElementaryUnit.all.map { $0.symbol == symbol ? 1 : 0 })
    }
}
