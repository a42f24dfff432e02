/// A system of atoms that cannot be used.
///
/// Atoms are counted from 0 here and in ``description``.
public enum AtomicSystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There are not as many atomic numbers as positions.
    case countsDiffer(numbers: Int, positions: Int)
    /// The atomic number of an atom names no element.
    case unknownElement(atom: Int, atomicNumber: Int)
    /// A coordinate of an atom is infinite or not a number.
    case positionNotFinite(atom: Int, atomicNumber: Int, position: SIMD3<Double>)
    /// A spin multiplicity 2S + 1 is at least 1.
    case spinMultiplicityNotPositive(Int)
    /// A lattice vector is not finite, or the lattice vectors enclose no volume.
    case degenerateCell
    /// Two atoms are closer than atoms can be.
    case atomsCoincide(first: Int, second: Int, elements: [Element], distance: Double)
    /// Neighbours across periodic boundaries are not searched.
    case periodicCellUnsupported

    /// One sentence with the atom and the value at fault.
    public var description: String {
        switch self {
        case .countsDiffer(let numbers, let positions):
            return "there are \(numbers) atomic numbers but \(positions) positions; every atom needs one of each"
        case .unknownElement(let atom, let number):
            return "atom \(atom) (counted from 0): \(ElementError.unknownAtomicNumber(number))"
        case .positionNotFinite(let atom, let number, let position):
            let symbol = Element.all[number - 1].symbol
            return "atom \(atom) (\(symbol), counted from 0) has the position (\(position.x), \(position.y), "
                + "\(position.z)); coordinates must be finite"
        case .spinMultiplicityNotPositive(let multiplicity):
            return "the spin multiplicity is \(multiplicity); 2S + 1 must be 1 (singlet) or more"
        case .degenerateCell:
            return "the lattice vectors are not finite or enclose no volume; a periodic cell needs three finite "
                + "vectors that do not lie in one plane"
        case .atomsCoincide(let first, let second, let elements, let distance):
            return "atoms \(first) (\(elements[0])) and \(second) (\(elements[1])), counted from 0, are \(distance) "
                + "length units apart; remove one of them or correct its position"
        case .periodicCellUnsupported:
            return "the system is periodic, but neighbours across periodic boundaries are not supported; "
                + "remove the cell or its periodic flags to treat it as isolated"
        }
    }
}
