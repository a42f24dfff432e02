import ApusChemistry
import Testing

struct QuantityTests {
    @Test(arguments: [
        ("5.0 angstrom", 5.0, Unit.angstrom), ("1e-3 hartree/bohr", 1e-3, .hartree / .bohr),
        ("-0.5eV", -0.5, .electronvolt),
        ("+2.E1 nm", 20, .nanometer), (".5 Å", 0.5, .angstrom), ("  7\tkJ/mol ", 7, .kilojoulePerMole),
        ("5e", 5, .elementaryCharge), ("5 eV", 5, .electronvolt), ("1e2eV", 100, .electronvolt),
        ("3 1/nm", 3, .dimensionless / .nanometer), ("0.25 dimensionless", 0.25, .dimensionless),
    ])
    func reading(_ text: String, value: Double, unit: Unit) throws {
        #expect(try Quantity(text) == Quantity(value, unit))
    }

    @Test func converting() throws {
        #expect(try Quantity("5.0 angstrom").value(in: .nanometer) == 0.5)
        #expect(try Quantity("0.5 nanometer").value(in: .angstrom) == 5)
        #expect(try Quantity("5.0 angstrom").value(in: .angstrom) == 5)
        #expect(isClose(try Quantity("-2 kcal/mol").value(in: .kilojoulePerMole), -8.368))
        #expect(throws: UnitError.wrongDimension(.electronvolt, needed: .length)) {
            try Quantity("5 eV").value(in: .nanometer)
        }
    }

    @Test func printing() throws {
        #expect("\(try Quantity("5 kilojoule_per_mole / nanometer"))" == "5.0 kilojoule_per_mole / nanometer")
    }

    @Test(arguments: [
        ("angstrom", UnitError.missingNumber(in: "angstrom")), ("", .missingNumber(in: "")),
        ("- 5 eV", .missingNumber(in: "- 5 eV")), (". eV", .missingNumber(in: ". eV")),
        ("nanometer 5", .missingNumber(in: "nanometer 5")), ("5.0", .missingUnit(in: "5.0")),
        ("1e-3 ", .missingUnit(in: "1e-3")), ("nan eV", .notFinite(in: "nan eV")),
        ("-inf eV", .notFinite(in: "-inf eV")),
        ("1e999 eV", .notFinite(in: "1e999 eV")), ("5 parsecs", .unknownUnit("parsecs", in: "parsecs")),
        ("0x10 eV", .unknownUnit("x10", in: "x10 eV")),
    ])
    func refusing(_ text: String, expected: UnitError) {
        let error = #expect(throws: expected) { try Quantity(text) }
        #expect(error?.description.contains("\"") == true)
    }
}
