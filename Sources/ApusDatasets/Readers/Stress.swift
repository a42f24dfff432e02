import ApusChemistry

extension Property {
    /// The property that is known where this one is: stress and virial are −V times each other.
    package var counterpart: Property? { self == .stress ? .virial : self == .virial ? .stress : nil }

    /// Whether so many numbers are one value of the property for each of some systems, of so many atoms.
    func accepts(_ numbers: Int, atoms: Int) -> Bool {
        numbers == count(atoms: atoms) || self == .stress && numbers == 6
    }

    /// The numbers of one value or of several, with stresses in Voigt's notation written out.
    ///
    /// Six numbers are xx, yy, zz, yz, xz, xy, the order of ASE.
    func expanded(_ values: [Double], systems: Int = 1) -> [Double] {
        guard self == .stress, systems > 0, values.count == 6 * systems else { return values }
        return (0..<systems).flatMap { system in
            [0, 5, 4, 5, 1, 3, 4, 3, 2].map { values[6 * system + $0] }
        }
    }
}
