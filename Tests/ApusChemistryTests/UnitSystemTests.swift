import ApusChemistry
import Testing

struct UnitSystemTests {
    @Test func derivedUnits() {
        let system = UnitSystem.kilojoulePerMoleNanometer
        #expect(system.force == .kilojoulePerMole / .nanometer)
        #expect(system.charge == .elementaryCharge)
        #expect(system.dipole == .elementaryCharge * .nanometer)
        #expect(system.force.symbol == "kJ/mol/nm")
        #expect(system.dipole.symbol == "e·nm")
    }

    @Test(arguments: [
        (UnitSystem.electronvoltAngstrom, "eV, Å", "eV/Å"), (.kilojoulePerMoleNanometer, "kJ/mol, nm", "kJ/mol/nm"),
        (.kilocaloriePerMoleAngstrom, "kcal/mol, Å", "kcal/mol/Å"), (.atomic, "Ha, bohr", "Ha/bohr"),
    ])
    func textForm(_ system: UnitSystem, text: String, force: String) throws {
        #expect(system.description == text)
        #expect(try UnitSystem(text) == system)
        #expect(system.force.symbol == force)
    }

    @Test func otherSpellings() throws {
        #expect(try UnitSystem("angstrom,electron_volt") == .electronvoltAngstrom)
        #expect(try UnitSystem("kilojoule_per_mole, nanometer").description == "kJ/mol, nm")
        #expect(UnitSystem.electronvoltAngstrom != .kilocaloriePerMoleAngstrom)
    }

    @Test(arguments: [
        ("eV", UnitError.malformedUnitSystem("eV")), ("eV, Å, e", .malformedUnitSystem("eV, Å, e")),
        ("eV, kJ/mol", .wrongDimension(.kilojoulePerMole, needed: .length)),
        ("Å, nm", .wrongDimension(.nanometer, needed: .energy)),
        ("e, nm", .wrongDimension(.elementaryCharge, needed: .energy)),
        ("eV, parsec", .unknownUnit("parsec", in: "parsec")), ("eV,", .malformedUnit("", problem: "it is empty")),
    ])
    func refusing(_ text: String, expected: UnitError) {
        let error = #expect(throws: expected) { try UnitSystem(text) }
        #expect(error?.description.isEmpty == false)
    }
}
