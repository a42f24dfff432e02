/// A unit that is not built from others; every ``Unit`` is a product of powers of these.
///
/// Factors are relative to the length Å, the energy eV, the charge e and the amount of one molecule.
/// Constants: CODATA 2022, Mohr et al., Rev. Mod. Phys. 97, 025002 (2025), doi:10.1103/RevModPhys.97.025002.
/// The elementary charge, the Avogadro constant and the speed of light are exact in the SI; the calorie is the
/// thermochemical one, exactly 4.184 J.
struct ElementaryUnit: Sendable {
    /// Short form for printing.
    let symbol: String
    /// Further spellings that are accepted as they stand; case matters in short forms (meV is not MeV).
    let abbreviations: [String]
    /// Written-out singular names, accepted in any case and in the plural.
    let names: [String]
    let dimension: Dimension
    let factor: Double

    private init(
        _ symbol: String, _ abbreviations: [String] = [], names: [String], _ dimension: Dimension, _ factor: Double
    ) {
        self.symbol = symbol
        self.abbreviations = abbreviations
        self.names = names
        self.dimension = dimension
        self.factor = factor
    }

    private static let elementaryCharge = 1.602_176_634e-19  // C
    private static let avogadroConstant = 6.022_140_76e23  // 1/mol
    private static let speedOfLight = 299_792_458.0  // m/s
    private static let hartreeEnergy = 27.211_386_245_981  // eV
    private static let bohrRadius = 0.529_177_210_544  // Å

    /// Energy of a macroscopic sample.
    private static let heat = Dimension.energy * .amount
    private static let joule = 1 / elementaryCharge  // eV
    /// J/m³.
    private static let pascal = 1e-30 * joule  // eV/Å³

    /// All of them, in the order in which they are printed in a product.
    static let all: [ElementaryUnit] = [
        ElementaryUnit("eV", names: ["electronvolt", "electron_volt"], .energy, 1),
        ElementaryUnit("meV", names: ["millielectronvolt", "millielectron_volt"], .energy, 1e-3),
        ElementaryUnit("Ha", ["Eh", "E_h"], names: ["hartree"], .energy, hartreeEnergy),
        ElementaryUnit("mHa", ["mEh"], names: ["millihartree"], .energy, 1e-3 * hartreeEnergy),
        ElementaryUnit("Ry", names: ["rydberg"], .energy, 0.5 * hartreeEnergy),
        ElementaryUnit("kJ", names: ["kilojoule"], heat, 1e3 * joule),
        ElementaryUnit("J", names: ["joule"], heat, joule),
        ElementaryUnit("kcal", names: ["kilocalorie"], heat, 4.184e3 * joule),
        ElementaryUnit("cal", names: ["calorie"], heat, 4.184 * joule),
        ElementaryUnit("mol", names: ["mole"], .amount, avogadroConstant),
        ElementaryUnit("e", names: ["elementary_charge"], .charge, 1),
        // One debye is 1e-18 esu·cm, that is 1e-21 C·m²/s divided by the speed of light.
        ElementaryUnit(
            "D", names: ["debye"], .dipole, 1e-21 / (speedOfLight * elementaryCharge) * 1e10),
        ElementaryUnit("Å", ["A", "Ang", "ang"], names: ["angstrom", "ångström"], .length, 1),
        ElementaryUnit("nm", names: ["nanometer", "nanometre"], .length, 10),
        ElementaryUnit("pm", names: ["picometer", "picometre"], .length, 0.01),
        ElementaryUnit("GPa", names: ["gigapascal"], .stress, 1e9 * pascal),
        ElementaryUnit("kbar", names: ["kilobar"], .stress, 1e8 * pascal),
        ElementaryUnit("MPa", names: ["megapascal"], .stress, 1e6 * pascal),
        ElementaryUnit("bar", names: ["bar"], .stress, 1e5 * pascal),
        ElementaryUnit("Pa", names: ["pascal"], .stress, pascal),
        ElementaryUnit("bohr", ["a0", "a_0"], names: ["bohr", "bohr_radius"], .length, bohrRadius),
    ]

    /// Positions in ``all`` by exact spelling.
    static let byAbbreviation = [String: Int](
        uniqueKeysWithValues: all.enumerated().flatMap { index, unit in
            ([unit.symbol] + unit.abbreviations).map { ($0, index) }
        })

    /// Positions in ``all`` by written-out name in lower case, singular and plural.
    static let byName = [String: Int](
        uniqueKeysWithValues: all.enumerated().flatMap { index, unit in
            unit.names.flatMap { [($0, index), ($0 + "s", index)] }
        })

    /// The position in ``all`` of the unit with a spelling.
    static func position(of spelling: String) -> Int? {
        byAbbreviation[spelling] ?? byName[spelling.lowercased()]
    }
}
