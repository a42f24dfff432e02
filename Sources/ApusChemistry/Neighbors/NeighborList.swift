import ApusSystem

/// The pairs of a system whose atoms move little from step to step, as in dynamics and relaxations.
///
/// The pairs within the cutoff and a skin are kept. As long as no atom has moved by more than half the skin since they
/// were found, all pairs within the cutoff are among them, and only their vectors are computed anew. They are the same
/// pairs in the same order, with the same vectors to the last bit, as ``NeighborPairs`` of the present positions. The list
/// is made anew when an atom has moved farther, when the cell is another one, or the atoms are others.
/// Verlet, Phys. Rev. 159, 98 (1967), doi:10.1103/PhysRev.159.98.
public struct NeighborList: Sendable {
    /// The pairs within the cutoff.
    public private(set) var pairs = NeighborPairs()
    /// The distance that bounds a pair, in the length unit of the system.
    public let cutoff: Double
    /// How much farther pairs are kept, in the length unit of the system.
    public let skin: Double
    /// How often the pairs were searched.
    public private(set) var searches = 0

    private let minimumDistance: Double
    private let limits: NeighborPairs.SquaredLimits
    /// The system of the last search.
    private var origin: AtomicSystem?
    private var lattice: Lattice?
    private var first: [Int32] = []
    private var second: [Int32] = []
    /// S of each kept pair; empty for systems that are not periodic.
    private var shifts: [SIMD3<Int32>] = []

    /// Makes an empty list.
    ///
    /// - Parameters:
    ///   - cutoff: The distance that bounds a pair, in the length unit of the systems.
    ///   - skin: How much farther pairs are kept; with 0 every update searches.
    ///   - minimumDistance: Atoms closer than this are an error, in the length unit of the systems.
    /// - Precondition: 0 ≤ minimumDistance < cutoff < ∞, and 0 ≤ skin < ∞.
    public init(cutoff: Double, skin: Double, minimumDistance: Double = NeighborPairs.defaultMinimumDistance) {
        require(
            0 <= minimumDistance && minimumDistance < cutoff && cutoff.isFinite && skin >= 0 && skin.isFinite,
            "NeighborList: cutoff \(cutoff) and skin \(skin) must be finite, and the cutoff above the minimum distance "
                + "\(minimumDistance)")
        self.cutoff = cutoff
        self.skin = skin
        self.minimumDistance = minimumDistance
        limits = NeighborPairs.SquaredLimits(cutoff: cutoff, minimumDistance: minimumDistance)
    }

    /// Brings the pairs up to date with the positions of a system.
    ///
    /// - Throws: As ``NeighborPairs/append(_:cutoff:offset:minimumDistance:)``; the list is then empty, and the next update
    ///   searches.
    public mutating func update(_ system: AtomicSystem) throws(AtomicSystemError) {
        pairs.removeAll()
        if !isValid(for: system) { try search(system) }
        let closest = collect(system.positions)
        if closest < limits.minimum {
            origin = nil
            throw pairs.coincidence(in: system, from: 0, limits, 0)
        }
    }

    private func isValid(for system: AtomicSystem) -> Bool {
        guard let origin, origin.count == system.count, origin.cell == system.cell else { return false }
        // A little less than half the skin, for rounding.
        let reach = 0.5 * skin * (1 - 1e-9)
        return zip(origin.positions, system.positions).allSatisfy { old, new in
            let step = new - old
            return (step * step).sum() < reach * reach
        }
    }

    private mutating func search(_ system: AtomicSystem) throws(AtomicSystemError) {
        origin = nil
        searches += 1
        let images = try PeriodicImages(of: system, within: cutoff + skin, minimumDistance)
        let search = NeighborSearch(images, within: cutoff + skin)
        (first, second, shifts) = ([], [], [])
        let estimate = search.estimate
        first.reserveCapacity(estimate)
        second.reserveCapacity(estimate)
        lattice = images.lattice
        if lattice != nil { shifts.reserveCapacity(estimate) }
        search.forEachAtom { i, found in
            let home = images.images[Int(images.homes[i])]
            for number in found {
                let image = images.images[Int(number)]
                first.append(home.atom)
                second.append(image.atom)
                if lattice != nil { shifts.append(image.shift &- home.shift) }
            }
        }
        origin = system
    }

    /// Lists the kept pairs that are within the cutoff; returns the smallest squared distance.
    private mutating func collect(_ positions: [SIMD3<Double>]) -> Double {
        var closest = Double.infinity
        for pair in first.indices {
            var vector = positions[Int(second[pair])] - positions[Int(first[pair])]
            if let lattice, shifts[pair] != .zero { vector += lattice.vector(shifts[pair]) }
            let square = (vector * vector).sum()
            closest = min(closest, square)
            guard square < limits.cutoff else { continue }
            pairs.first.append(first[pair])
            pairs.second.append(second[pair])
            pairs.vectors.append(vector)
        }
        return closest
    }
}
