import ApusChemistry

extension AtomicSystem {
    /// The formula in the order of Hill, with the charge.
    ///
    /// C comes first, then H, then the others alphabetically; without C all are alphabetical. Ethanol is `C2H6O`,
    /// acetate `C2H3O2-`, sulphate `O4S2-`.
    /// Hill, J. Am. Chem. Soc. 22, 478 (1900), doi:10.1021/ja02046a005.
    public var formula: String {
        var counts = [Int](repeating: 0, count: Element.all.count + 1)
        for number in numbers { counts[number] += 1 }
        let hasCarbon = counts[6] > 0
        func rank(_ element: Element) -> Int {
            guard hasCarbon else { return 2 }
            return element.atomicNumber == 6 ? 0 : element.atomicNumber == 1 ? 1 : 2
        }
        let elements = Element.all.filter { counts[$0.atomicNumber] > 0 }.sorted {
            (rank($0), $0.symbol) < (rank($1), $1.symbol)
        }
        let atoms = elements.map { element in
            let count = counts[element.atomicNumber]
            return element.symbol + (count > 1 ? String(count) : "")
        }
        guard charge != 0 else { return atoms.joined() }
        return atoms.joined() + (abs(charge) > 1 ? String(abs(charge)) : "") + (charge > 0 ? "+" : "-")
    }
}
