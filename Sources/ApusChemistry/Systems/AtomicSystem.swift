/// A molecule or another set of atoms: which elements, where, and the total charge.
///
/// Positions and cell are in the length unit of the ``UnitSystem`` in use. A value of this type is valid: numbers
/// and positions have the same count, every number names an element and every coordinate is finite.
public struct AtomicSystem: Hashable, Sendable {
    /// The atomic number of each atom.
    public let numbers: [Int]
    /// The position of each atom.
    public let positions: [SIMD3<Double>]
    /// The cell, for systems that have one.
    public let cell: Cell?
    /// The total charge in e.
    public let charge: Int
    /// The spin multiplicity 2S + 1, where it is known.
    public let spinMultiplicity: Int?

    /// Describes a system.
    ///
    /// - Throws: An ``AtomicSystemError`` that names the atom and the value at fault.
    public init(
        numbers: [Int], positions: [SIMD3<Double>], cell: Cell? = nil, charge: Int = 0, spinMultiplicity: Int? = nil
    ) throws(AtomicSystemError) {
        guard numbers.count == positions.count else {
            throw .countsDiffer(numbers: numbers.count, positions: positions.count)
        }
        if let atom = numbers.firstIndex(where: { !Element.atomicNumbers.contains($0) }) {
            throw .unknownElement(atom: atom, atomicNumber: numbers[atom])
        }
        if let atom = positions.firstIndex(where: { !$0.isFinite }) {
            throw .positionNotFinite(atom: atom, atomicNumber: numbers[atom], position: positions[atom])
        }
        if let spinMultiplicity, spinMultiplicity < 1 {
            throw .spinMultiplicityNotPositive(spinMultiplicity)
        }
        self.numbers = numbers
        self.positions = positions
        self.cell = cell
        self.charge = charge
        self.spinMultiplicity = spinMultiplicity
    }

    private init(_ system: AtomicSystem, in cell: Cell?) {
        numbers = system.numbers
        positions = system.positions
        self.cell = cell
        charge = system.charge
        spinMultiplicity = system.spinMultiplicity
    }

    /// The number of atoms.
    public var count: Int { numbers.count }
}

extension AtomicSystem {
    /// How many atoms of each element there are.
    public var composition: [Element: Int] {
        Dictionary(elements.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// The element of each atom.
    public var elements: [Element] {
        numbers.map { Element.all[$0 - 1] }
    }

    /// The total mass Σ mᵢ in u.
    public var mass: Double {
        elements.reduce(0) { $0 + $1.mass }
    }

    /// The centre of mass Σ mᵢ rᵢ / Σ mᵢ, which is the origin for a system without atoms.
    public var centerOfMass: SIMD3<Double> {
        guard count > 0 else { return .zero }
        return zip(elements, positions).reduce(.zero) { $0 + $1.0.mass * $1.1 } / mass
    }

    /// The same system with other positions.
    ///
    /// - Throws: ``AtomicSystemError/countsDiffer(numbers:positions:)`` or
    ///   ``AtomicSystemError/positionNotFinite(atom:atomicNumber:position:)``.
    public func moved(to positions: [SIMD3<Double>]) throws(AtomicSystemError) -> AtomicSystem {
        try AtomicSystem(
            numbers: numbers, positions: positions, cell: cell, charge: charge, spinMultiplicity: spinMultiplicity)
    }

    /// The same system with every atom shifted by one vector.
    ///
    /// - Throws: ``AtomicSystemError/positionNotFinite(atom:atomicNumber:position:)`` when a coordinate overflows.
    public func translated(by shift: SIMD3<Double>) throws(AtomicSystemError) -> AtomicSystem {
        try moved(to: positions.map { $0 + shift })
    }

    /// The volume that stress refers to; nil for a system that is not periodic, or whose cell encloses none.
    public var volume: Double? {
        guard let cell, cell.isPeriodic, cell.volume > 0 else { return nil }
        return cell.volume
    }

    /// The same system in another cell, or in none; positions stay.
    public func inCell(_ cell: Cell?) -> AtomicSystem { AtomicSystem(self, in: cell) }

    /// The same system after a homogeneous strain ε of atoms and cell: r → r (1 + ε), h → h (1 + ε).
    ///
    /// - Parameter strain: The three rows of ε.
    /// - Throws: An ``AtomicSystemError`` when a position overflows or the cell becomes flat.
    public func strained(by strain: [SIMD3<Double>]) throws(AtomicSystemError) -> AtomicSystem {
        let cell = try cell.map { cell throws(AtomicSystemError) in try cell.strained(by: strain) }
        return try inCell(cell).moved(to: positions.map { $0.strained(by: strain) })
    }
}
