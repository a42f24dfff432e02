import ApusChemistry
import Testing

/// Relative difference within a few roundings.
func isClose(_ left: Double, _ right: Double, relative: Double = 1e-15) -> Bool {
    abs(left - right) <= relative * max(abs(left), abs(right))
}

struct UnitTests {
    /// Units and texts that mean them.
    private static let accepted: [(unit: Unit, texts: [String])] = [
        (.angstrom, ["angstrom", "Å", "\u{212B}", "A", "Ang", "Angstroms"]),
        (.nanometer, ["nm", "nanometer", "nanometres"]),
        (.bohr, ["bohr", "Bohr", "a0", "bohr_radius"]),
        (.electronvolt, ["eV", "electron_volt", "electronvolts"]),
        (.hartree, ["hartree", "Hartree", "Ha", "Eh"]),
        (
            .kilojoulePerMole,
            ["kJ/mol", "kilojoule_per_mole", "kilojoules per mole", "kilojoule / mole", "kJ mol^-1", "kJ/(mol)"]
        ),
        (.kilocaloriePerMole, ["kcal/mol", "kilocalorie_per_mole"]),
        (.elementaryCharge, ["e", "elementary_charge"]),
        (.debye, ["debye", "D"]),
        (.gigapascal, ["GPa", "gigapascal", "gigapascals"]),
        (.dimensionless, ["dimensionless", "1", "nm/nm"]),
    ]

    /// Products, quotients and powers, in the same way.
    private static let composed: [(unit: Unit, texts: [String])] = [
        (
            .kilojoulePerMole / .nanometer,
            [
                "kilojoule_per_mole / nanometer", "kilojoule_per_mole_per_nanometer", "kilojoule/(nanometer*mole)",
                "kJ mol**-1 nm**-1", "kilojoule / nanometer / mole",
            ]
        ),
        (.kilocaloriePerMole / .angstrom, ["kcal/mol/Å"]),
        (.hartree / .bohr, ["hartree/bohr", "bohr^-1 Ha"]),
        (.electronvolt / .nanometer, ["1/nm * eV"]),
        (.elementaryCharge * .angstrom, ["e*angstrom", "e·Å", "e A"]),
        (.elementaryCharge * .nanometer, ["elementary_charge * nanometer"]),
        (.nanometer * .nanometer, ["nm^2", "nm**2", "(nm^-2)^-1"]),
        (.angstrom * .angstrom * .angstrom, ["angstrom ** 3"]),
        (.electronvolt / .angstrom * .nanometer, ["eV/Å*nm"]),
    ]

    @Test(arguments: accepted + composed)
    func spellings(unit: Unit, texts: [String]) throws {
        for text in texts {
            let parsed = try Unit("  \(text) ")
            #expect(parsed == unit)
            #expect(parsed.hashValue == unit.hashValue)
            #expect(parsed.spelling == text)
            #expect(parsed.symbol == unit.symbol)
        }
        #expect(try Unit(unit.symbol) == unit)
    }

    @Test(arguments: [
        ("kilojoule_per_mole / nanometer", "kJ/mol/nm"), ("kcal/mol/angstrom", "kcal/mol/Å"),
        ("electron_volt/angstrom", "eV/Å"), ("hartree/bohr", "Ha/bohr"), ("nanometer*elementary_charge", "e·nm"),
        ("1/nm**2", "1/nm^2"), ("angstrom*angstrom", "Å^2"), ("dimensionless", "dimensionless"),
    ])
    func symbols(_ text: String, symbol: String) throws {
        #expect(try Unit(text).symbol == symbol)
    }

    /// Case distinguishes short forms.
    @Test func caseMatters() throws {
        #expect(try Unit("meV").factor(to: .electronvolt) == 1e-3)
        for wrong in ["MeV", "EV", "NM", "kj/mol", "KJ/mol"] {
            #expect(throws: UnitError.self) { try Unit(wrong) }
        }
    }

    /// Figures printed by NIST, or computed from the exact definitions of the SI.
    @Test(arguments: [
        ("hartree", "eV", 27.211386245981), ("bohr", "angstrom", 0.529177210544), ("nm", "Å", 10),
        ("kcal/mol", "kJ/mol", 4.184), ("eV", "kJ/mol", 96.485332123310), ("hartree", "kJ/mol", 2625.4996394792),
        ("hartree", "kcal/mol", 627.50947406), ("debye", "e*angstrom", 0.20819433270),
        ("hartree/bohr", "eV/angstrom", 51.422067507), ("Ry", "eV", 13.605693122990), ("pm", "Å", 0.01),
        ("kJ/mol/nm", "eV/Å", 0.0010364269656), ("e*bohr", "debye", 2.5417464713), ("mHa", "Ha", 1e-3),
        ("eV/angstrom^3", "GPa", 160.2176634), ("kbar", "GPa", 0.1), ("Pa", "bar", 1e-5), ("MPa", "GPa", 1e-3),
        ("hartree/bohr^3", "GPa", 29421.0157564),
        ("J/mol", "kJ/mol", 1e-3), ("cal/mol", "J/mol", 4.184), ("kJ/mol", "kJ/mol", 1),
    ])
    func factors(from: String, to: String, factor: Double) throws {
        let (unit, other) = (try Unit(from), try Unit(to))
        #expect(isClose(try unit.factor(to: other), factor, relative: 1e-10))
        #expect(isClose(try other.factor(to: unit), 1 / factor, relative: 1e-10))
    }

    @Test(arguments: [
        ("nm", Dimension.length), ("kJ/mol", .energy), ("eV/nm", .force), ("e", .charge), ("e*nm", .dipole),
        ("D", .dipole), ("mol", .amount), ("kJ", .energy * .amount), ("eV/eV", .dimensionless),
        ("eV/Å^2", .force / .length),
    ])
    func dimensions(_ text: String, dimension: Dimension) throws {
        #expect(try Unit(text).dimension == dimension)
    }

    @Test func dimensionNames() {
        #expect("\(Dimension.length)" == "length")
        #expect("\(Dimension.force)" == "force")
        #expect("\(Dimension.force / .length)" == "energy/length^2")
        #expect("\(Dimension.energy * .amount)" == "energy·amount")
        #expect("\(Dimension.dimensionless / .length)" == "1/length")
    }

    @Test(arguments: [
        ("angstrm", "angstrm", "did you mean \"angstrom\"?"), ("hartre/bohr", "hartre", "did you mean \"hartree\"?"),
        ("EV", "EV", "did you mean \"eV\"?"), ("kilojoule_per_mol_e", "mol_e", "did you mean \"mole\"?"),
        ("parsec", "parsec", "accepted are the lengths angstrom"),
        ("parsec", "parsec", "gigapascal (GPa) and kilobar (kbar)"),
        ("nm²", "nm²", "accepted are"),
    ])
    func unknownUnits(_ text: String, name: String, remedy: String) {
        let error = #expect(throws: UnitError.unknownUnit(name, in: text)) { try Unit(text) }
        #expect(error?.description.hasPrefix("unknown unit \"\(name)\"") == true)
        #expect(error?.description.contains(remedy) == true)
        #expect(name == text || error?.description.contains("in \"\(text)\"") == true)
    }

    @Test(arguments: [
        ("", "it is empty"), ("  ", "it is empty"), ("eV/", "something is missing at its end"),
        ("/eV", "\"/\" is not expected there"), ("(eV", "a \")\" is missing"), ("eV)", "\")\" is not expected there"),
        ("eV^", "a whole number must follow \"^\""), ("eV^x", "a whole number must follow \"^\""),
        ("nm^2.5", "\".\" is not expected there"), ("2 eV", "\"2\" is not expected there"),
        ("eV^99", "the exponent 99 is too large"), ("((nm^12)^12)^12", "the exponent 144 is too large"),
        ("eV^9223372036854775807", "the exponent 9223372036854775807 is too large"),
        ("eV^92233720368547758070", "a whole number must follow \"^\""),
        ("kJ/mol nm", "\"*\" or \"/\" is missing before \"nm\""), ("eV^2^2", "\"^\" is not expected there"),
        (String(repeating: "(", count: 100_000), "its parentheses are too deep"),
    ])
    func malformedUnits(_ text: String, problem: String) {
        let trimmed = text.allSatisfy(\.isWhitespace) ? "" : text
        let error = #expect(throws: UnitError.malformedUnit(trimmed, problem: problem)) { try Unit(text) }
        #expect(error?.description.contains(problem) == true)
    }

    @Test func wrongDimensions() throws {
        let energy = #expect(throws: UnitError.wrongDimension(.electronvolt, needed: .length)) {
            try Unit.electronvolt.factor(to: .nanometer)
        }
        #expect(
            energy?.description
                == "\"eV\" is a unit of energy, but a unit of length is needed, such as angstrom, nanometer or bohr")
        let molar = #expect(throws: UnitError.self) { try Unit("kJ").factor(to: .electronvolt) }
        #expect(
            molar?.description == "\"kJ\" is a unit of energy·amount, but a unit of energy is needed, "
                + "such as eV, hartree, kJ/mol or kcal/mol; write \"kJ/mol\" for an energy per mole")
        let number = #expect(throws: UnitError.self) { try Unit("dimensionless").factor(to: .nanometer) }
        #expect(number?.description.hasPrefix("\"dimensionless\" is dimensionless, but a unit of length") == true)
    }

    /// No text crashes the parser, and what it accepts can be written and read again.
    @Test func randomTexts() throws {
        var generator = SplitMix64(seed: 7)
        let pieces = [
            "eV", "Å", "mol", "(", ")", "*", "/", "^", "-", "2", "_per_", " ", "per", "1", "x", "e", ".", "é",
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...7, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            do throws(UnitError) {
                let unit = try Unit(text)
                #expect(try Unit(unit.symbol) == unit)
                accepted += 1
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(500..<19_500 ~= accepted)
    }
}
