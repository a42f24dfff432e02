extension Element {
    /// Finds the element of a symbol as programs write it: `Cl`, also `CL` and `cl`, and `D` and `T` for hydrogen.
    ///
    /// Another case than the standard one is accepted only where nothing else can be meant. `CO` and `SI` are refused,
    /// which could be two elements, and so is `CA`, which in files of proteins is a carbon atom.
    ///
    /// - Throws: ``ElementError/unknownSymbol(_:)`` for any other text.
    public init(spelling text: String) throws(ElementError) {
        do throws(ElementError) {
            self = try Element(symbol: text)
        } catch {
            if Element.hydrogenIsotopes.contains(text) {
                self = Element.all[0]
                return
            }
            guard !Element.isAmbiguous(text) else { throw error }
            guard let element = try? Element(symbol: text.prefix(1).uppercased() + text.dropFirst().lowercased()) else {
                throw error
            }
            self = element
        }
    }

    /// Deuterium and tritium, whose potential is that of hydrogen.
    public static let hydrogenIsotopes: Set<String> = ["D", "T"]

    /// Whether a text in unusual case may mean several things: two elements, or an atom of a residue of the Protein Data
    /// Bank, which is an element with a Greek letter (`CA` to `CH`, `NE`, `HG`).
    private static func isAmbiguous(_ text: String) -> Bool {
        let letters = text.map { String($0) }
        guard letters.count == 2 else { return letters.count != 1 }
        let areElements = letters.allSatisfy { (try? Element(symbol: $0.uppercased())) != nil }
        let isAtomName = "HCNOS".contains(letters[0]) && "ABGDEZH".contains(letters[1])
        return areElements || isAtomName
    }
}
