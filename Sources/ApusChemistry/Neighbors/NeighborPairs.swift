import ApusSystem

/// The pairs of atoms that are closer than a cutoff, every pair once.
///
/// Pair k joins the atoms i = `first[k]` and j = `second[k]` with i < j, and `vectors[k]` is rⱼ − rᵢ. Pairs are sorted
/// by (i, j). A pair belongs to the list if |rⱼ − rᵢ| < cutoff; a pair exactly at the cutoff is left out, where every
/// cutoff function is zero anyway.
///
/// One list can hold many systems: ``append(_:cutoff:offset:minimumDistance:)`` adds those of a further system and
/// reuses the memory of a list emptied with ``removeAll()``.
public struct NeighborPairs: Equatable, Sendable {
    /// The lower atom index i of every pair.
    public internal(set) var first: [Int32] = []
    /// The higher atom index j of every pair.
    public internal(set) var second: [Int32] = []
    /// The vector rⱼ − rᵢ of every pair, in the length unit of the system.
    public internal(set) var vectors: [SIMD3<Double>] = []

    /// The distance below which two atoms count as one point, in the length unit of the system.
    ///
    /// In Å, nm and bohr this is far below the shortest bond (H–H, 0.74 Å or 0.074 nm): closer atoms are a fault in
    /// the data, not a strained structure.
    public static let defaultMinimumDistance = 1e-3

    /// From about this number of atoms on, cell lists are faster than comparing all atoms.
    ///
    /// In a compact cluster with 50 neighbours per atom the two break even at 700 atoms, in an extended one earlier.
    static let cellListThreshold = 500

    /// Makes an empty list.
    public init() {}

    /// Lists the pairs of one system.
    ///
    /// - Throws: See ``append(_:cutoff:offset:minimumDistance:)``.
    public init(
        _ system: AtomicSystem, cutoff: Double, minimumDistance: Double = defaultMinimumDistance
    ) throws(AtomicSystemError) {
        try append(system, cutoff: cutoff, minimumDistance: minimumDistance)
    }

    /// The number of pairs.
    public var count: Int { first.count }

    /// Empties the list and keeps its memory.
    public mutating func removeAll() {
        first.removeAll(keepingCapacity: true)
        second.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
    }

    /// Adds the pairs of a system behind those already listed.
    ///
    /// - Parameters:
    ///   - system: The atoms; a cell is allowed as long as it is not periodic.
    ///   - cutoff: The distance that bounds a pair, in the length unit of the system.
    ///   - offset: The index that atom 0 of the system gets in ``first`` and ``second``.
    ///   - minimumDistance: Atoms closer than this are an error, in the length unit of the system.
    /// - Throws: ``AtomicSystemError/atomsCoincide(first:second:elements:distance:)`` with the first such pair, or
    ///   ``AtomicSystemError/periodicCellUnsupported``; the list is then unchanged.
    /// - Complexity: O(n²) below 500 atoms, above that O(n) at a given density.
    /// - Precondition: 0 ≤ minimumDistance < cutoff < ∞, and the largest index fits into 32 bits.
    public mutating func append(
        _ system: AtomicSystem, cutoff: Double, offset: Int = 0, minimumDistance: Double = defaultMinimumDistance
    ) throws(AtomicSystemError) {
        try append(
            system, cutoff: cutoff, offset: offset, minimumDistance: minimumDistance,
            usingCells: system.count >= NeighborPairs.cellListThreshold)
    }

    /// As above, with the method chosen by the caller; both give the same list to the last bit.
    package mutating func append(
        _ system: AtomicSystem, cutoff: Double, offset: Int = 0, minimumDistance: Double = defaultMinimumDistance,
        usingCells: Bool
    ) throws(AtomicSystemError) {
        require(
            0 <= minimumDistance && minimumDistance < cutoff && cutoff.isFinite,
            "NeighborPairs: the cutoff \(cutoff) must be finite and above the minimum distance \(minimumDistance)")
        require(
            offset >= 0 && system.count <= Int(Int32.max) - offset, "NeighborPairs: atom indices exceed 32 bits")
        guard system.cell?.isPeriodic != true else { throw .periodicCellUnsupported }

        let start = count
        let limits = SquaredLimits(cutoff: cutoff, minimumDistance: minimumDistance)
        let closest =
            usingCells
            ? appendByCells(system.positions, cutoff: cutoff, limits, Int32(offset))
            : appendByComparison(system.positions, limits, Int32(offset))
        if closest < limits.minimum {
            throw coincidence(in: system, from: start, limits, offset)
        }
    }

    /// Squares of the two distances that bound a pair.
    struct SquaredLimits {
        let cutoff: Double
        let minimum: Double

        init(cutoff: Double, minimumDistance: Double) {
            self.cutoff = cutoff * cutoff
            minimum = minimumDistance * minimumDistance
        }
    }

    /// Finds the first pair that is too close and takes back everything from `start` on.
    private mutating func coincidence(
        in system: AtomicSystem, from start: Int, _ limits: SquaredLimits, _ offset: Int
    ) -> AtomicSystemError {
        let squares = vectors[start...].map { ($0 * $0).sum() }
        let pair = squares.firstIndex { $0 < limits.minimum } ?? 0
        let (i, j) = (Int(first[start + pair]) - offset, Int(second[start + pair]) - offset)
        first.removeSubrange(start...)
        second.removeSubrange(start...)
        vectors.removeSubrange(start...)
        return .atomsCoincide(
            first: i, second: j, elements: [system.elements[i], system.elements[j]],
            distance: squares[pair].squareRoot())
    }
}
