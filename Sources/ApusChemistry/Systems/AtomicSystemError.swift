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
    /// A component of a lattice vector is not a number, or larger than 10¹⁰⁰.
    case latticeVectorNotFinite(axis: Int, vector: SIMD3<Double>)
    /// The system repeats along a lattice vector that is zero.
    case latticeVectorZero(axis: Int)
    /// The lattice vectors along which the system repeats lie in one plane, or on one line.
    case flatCell
    /// Two atoms are closer than atoms can be.
    case atomsCoincide(first: Int, second: Int, elements: [Element], distance: Double)
    /// An atom and an image of another, or of itself, are closer than atoms can be.
    case imagesCoincide(first: Int, second: Int, elements: [Element], image: SIMD3<Int32>, distance: Double)
    /// An atom is so far outside of its periodic cell that its images cannot be counted.
    case atomFarFromCell(atom: Int)
    /// So many images of a cell lie within the cutoff that they cannot be listed.
    case cellTooSmall(cutoff: Double)

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
        case .latticeVectorNotFinite(let axis, let vector):
            return "the lattice vector \(Self.axes[axis]) is (\(vector.x), \(vector.y), \(vector.z)); its components "
                + "must be numbers up to 1e100 in size"
        case .latticeVectorZero(let axis):
            return
                "the system is periodic along the lattice vector \(Self.axes[axis]), which is zero; give the vector, "
                + "or make the system not periodic along it"
        case .flatCell:
            return "the lattice vectors of the periodic directions enclose no volume; they must not lie in one plane "
                + "or on one line"
        case .atomsCoincide(let first, let second, let elements, let distance):
            return "atoms \(first) (\(elements[0])) and \(second) (\(elements[1])), counted from 0, are \(distance) "
                + "length units apart; remove one of them or correct its position"
        case .imagesCoincide(let first, let second, let elements, let image, let distance):
            let cell = "(\(image.x), \(image.y), \(image.z))"
            guard first != second else {
                return "atom \(first) (\(elements[0])), counted from 0, is \(distance) length units from its own image "
                    + "in the cell \(cell); correct the lattice vectors or their unit"
            }
            return "atom \(first) (\(elements[0])) and the image of atom \(second) (\(elements[1])) in the cell "
                + "\(cell), counted from 0, are \(distance) length units apart; remove one of them or correct its "
                + "position or the cell"
        case .atomFarFromCell(let atom):
            return "atom \(atom) (counted from 0) is more than 10⁹ cells away from its periodic cell; move it into the "
                + "cell"
        case .cellTooSmall(let cutoff):
            return "the periodic cell is so small that more images of an atom lie within the cutoff of \(cutoff) "
                + "length units than can be listed; correct the lattice vectors or their unit"
        }
    }

    private static let axes = ["a", "b", "c"]
}
