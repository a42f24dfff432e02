import ApusSystem

/// The pairs of atoms that are closer than a cutoff, every pair once.
///
/// Pair k joins the atoms i = `first[k]` and j = `second[k]` with i ≤ j, and `vectors[k]` is rⱼ − rᵢ. In a system that is
/// periodic, j may be an image in the cell S, and the vector is rⱼ − rᵢ + S h with the lattice vectors as the rows of h;
/// then an atom also meets its own images, i = j, of which S is listed and −S is not. Pairs are sorted by (i, j, S), S
/// component by component. A pair belongs to the list if its vector is shorter than the cutoff; a pair exactly at the
/// cutoff is left out, where every cutoff function is zero anyway.
///
/// Cells may be of any shape and handedness and smaller than the cutoff, and atoms may be anywhere, in the cell or not.
///
/// One list can hold many systems: ``append(_:cutoff:offset:minimumDistance:)`` adds those of a further system and
/// reuses the memory of a list emptied with ``removeAll()``.
public struct NeighborPairs: Equatable, Sendable {
    /// The lower atom index i of every pair.
    public internal(set) var first: [Int32] = []
    /// The higher atom index j of every pair.
    public internal(set) var second: [Int32] = []
    /// The vector rⱼ − rᵢ + S h of every pair, in the length unit of the system.
    public internal(set) var vectors: [SIMD3<Double>] = []

    /// The distance below which two atoms count as one point, in the length unit of the system.
    ///
    /// In Å, nm and bohr this is far below the shortest bond (H–H, 0.74 Å or 0.074 nm): closer atoms are a fault in
    /// the data, not a strained structure.
    public static let defaultMinimumDistance = 1e-3

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
    ///   - system: The atoms, and the cell where there is one.
    ///   - cutoff: The distance that bounds a pair, in the length unit of the system.
    ///   - offset: The index that atom 0 of the system gets in ``first`` and ``second``.
    ///   - minimumDistance: Atoms closer than this are an error, in the length unit of the system.
    /// - Throws: ``AtomicSystemError/atomsCoincide(first:second:elements:distance:)`` or
    ///   ``AtomicSystemError/imagesCoincide(first:second:elements:image:distance:)`` with the first such pair,
    ///   ``AtomicSystemError/atomFarFromCell(atom:)`` or ``AtomicSystemError/cellTooSmall(cutoff:)``; the list is then
    ///   unchanged.
    /// - Complexity: O(n²) below 500 atoms and images, above that O(n) at a given density.
    /// - Precondition: 0 ≤ minimumDistance < cutoff < ∞, and the largest index fits into 32 bits.
    public mutating func append(
        _ system: AtomicSystem, cutoff: Double, offset: Int = 0, minimumDistance: Double = defaultMinimumDistance
    ) throws(AtomicSystemError) {
        try append(
            system, cutoff: cutoff, offset: offset, minimumDistance: minimumDistance, usingCells: nil)
    }

    /// As above, with the method chosen by the caller; both give the same list to the last bit.
    package mutating func append(
        _ system: AtomicSystem, cutoff: Double, offset: Int = 0, minimumDistance: Double = defaultMinimumDistance,
        usingCells: Bool?
    ) throws(AtomicSystemError) {
        require(
            0 <= minimumDistance && minimumDistance < cutoff && cutoff.isFinite,
            "NeighborPairs: the cutoff \(cutoff) must be finite and above the minimum distance \(minimumDistance)")
        require(
            offset >= 0 && system.count <= Int(Int32.max) - offset, "NeighborPairs: atom indices exceed 32 bits")

        let start = count
        let limits = SquaredLimits(cutoff: cutoff, minimumDistance: minimumDistance)
        let closest: Double
        if system.cell?.isPeriodic != true, !(usingCells ?? NeighborSearch.prefersCells(system.count)) {
            closest = appendByComparison(system.positions, limits, Int32(offset))
        } else {
            let images = try PeriodicImages(of: system, within: cutoff, minimumDistance)
            let search = NeighborSearch(images, within: cutoff, usingCells: usingCells)
            closest = append(search, images, limits, Int32(offset))
        }
        if closest < limits.minimum { throw coincidence(in: system, from: start, limits, offset) }
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
    mutating func coincidence(
        in system: AtomicSystem, from start: Int, _ limits: SquaredLimits, _ offset: Int
    ) -> AtomicSystemError {
        let squares = vectors[start...].map { ($0 * $0).sum() }
        let pair = squares.firstIndex { $0 < limits.minimum } ?? 0
        let (i, j) = (Int(first[start + pair]) - offset, Int(second[start + pair]) - offset)
        let vector = vectors[start + pair]
        first.removeSubrange(start...)
        second.removeSubrange(start...)
        vectors.removeSubrange(start...)
        let (elements, distance) = ([system.elements[i], system.elements[j]], squares[pair].squareRoot())
        let shift = system.cell.map {
            Lattice($0).shift(nearestTo: vector - (system.positions[j] - system.positions[i]))
        }
        if let shift, shift != .zero {
            return .imagesCoincide(first: i, second: j, elements: elements, image: shift, distance: distance)
        }
        return .atomsCoincide(first: i, second: j, elements: elements, distance: distance)
    }
}
