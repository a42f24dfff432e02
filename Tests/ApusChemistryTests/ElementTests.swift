import ApusChemistry
import Testing

struct ElementTests {
    private static let symbols = """
        H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
        Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb
        Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No
        Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
        """

    @Test func symbolsInOrder() throws {
        #expect(Element.all.map(\.symbol) == Self.symbols.split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(Element.all.map(\.atomicNumber) == Array(1...118))
        for element in Element.all {
            #expect(try Element(symbol: element.symbol) == element)
            #expect(try Element(atomicNumber: element.atomicNumber) == element)
        }
        #expect(Set(Element.all.map(\.name)).count == 118)
    }

    @Test(arguments: [
        ("H", "hydrogen", 1.008, 0.31), ("C", "carbon", 12.011, 0.76), ("O", "oxygen", 15.999, 0.66),
        ("F", "fluorine", 18.998403162, 0.57), ("Cl", "chlorine", 35.45, 1.02), ("Ar", "argon", 39.95, 1.06),
        ("Mn", "manganese", 54.938043, 1.39), ("Fe", "iron", 55.845, 1.32), ("I", "iodine", 126.90447, 1.39),
        ("Tc", "technetium", 97, 1.47), ("Au", "gold", 196.96657, 1.36), ("U", "uranium", 238.02891, 1.96),
        ("Cm", "curium", 247, 1.69), ("Bk", "berkelium", 247, 1.68), ("Og", "oganesson", 294, 1.57),
    ])
    func figures(symbol: String, name: String, mass: Double, radius: Double) throws {
        let element = try Element(symbol: symbol)
        #expect(element.name == name)
        #expect(element.mass == mass)
        #expect(element.covalentRadius == radius)
    }

    /// Masses rise with Z, but for the pairs in which the lighter element has the heavier isotopes.
    @Test func massesRise() {
        let falling = zip(Element.all, Element.all.dropFirst()).filter { $0.mass > $1.mass }.map { "\($0)\($1)" }
        #expect(falling == ["ArK", "CoNi", "TeI", "ThPa", "UNp", "PuAm", "BhHs"])
        #expect(Element.all.allSatisfy { $0.mass / Double($0.atomicNumber) < 2.7 })
        #expect(Element.all.allSatisfy { (0.28...2.6).contains($0.covalentRadius) })
    }

    @Test(arguments: [-1, 0, 119, Int.max])
    func unknownAtomicNumber(_ number: Int) {
        let error = #expect(throws: ElementError.unknownAtomicNumber(number)) { try Element(atomicNumber: number) }
        #expect(error?.description.contains("\(number)") == true)
    }

    @Test(arguments: [
        ("Cl", 17), ("CL", 17), ("cl", 17), ("h", 1), ("D", 1), ("T", 1), ("BR", 35), ("na", 11), ("ca", 20),
    ])
    func otherSpellings(_ text: String, number: Int) throws {
        #expect(try Element(spelling: text).atomicNumber == number)
    }

    /// Two elements, an atom of a residue, or nothing.
    @Test(arguments: ["CO", "co", "SI", "CA", "HG", "NE", "xx", "d", "CLL", ""])
    func spellingsThatAreNotClear(_ text: String) {
        #expect(throws: ElementError.unknownSymbol(text)) { try Element(spelling: text) }
    }

    @Test(arguments: [
        ("CL", "\"CL\" is not the symbol of an element; did you mean \"Cl\"?"),
        ("carbon", "\"carbon\" is not the symbol of an element; did you mean \"C\"?"),
        ("Xx", "\"Xx\" is not the symbol of an element; symbols are written like H, C or Cl"),
        ("", "\"\" is not the symbol of an element; symbols are written like H, C or Cl"),
    ])
    func unknownSymbol(_ symbol: String, message: String) {
        let error = #expect(throws: ElementError.unknownSymbol(symbol)) { try Element(symbol: symbol) }
        #expect(error?.description == message)
    }
}
