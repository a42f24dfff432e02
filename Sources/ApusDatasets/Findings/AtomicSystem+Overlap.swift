import ApusChemistry

/// Two atoms that are nearer than atoms can be.
struct Overlap {
    /// The atoms, counted from 0; the same for an atom and an image of its own.
    let first, second: Int
    /// Whether the second stands in another cell.
    let isImage: Bool
    /// Their distance in Å.
    let distance: Double
    /// The same over what is possible.
    let ratio: Double

    /// `atom 0 (C) is 0.05 Å from its own image`.
    func text(_ system: AtomicSystem) -> String {
        let length = "\((distance * 1e4).rounded() / 1e4) Å"
        let elements = [first, second].map { "\($0) (\(Element.all[system.numbers[$0] - 1]))" }
        return first == second
            ? "atom \(elements[0]) is \(length) from its own image"
            : "atoms \(elements[0]) and \(elements[1])\(isImage ? " of another cell" : "") are \(length) apart"
    }
}

extension AtomicSystem {
    /// Atoms nearer than this fraction of the sum of their covalent radii overlap; no bond and no pressure brings them there.
    private static var overlapFraction: Double { 0.5 }

    /// The two atoms that are nearest to each other beside what is possible, if that is too near; images count.
    ///
    /// - Parameter angstroms: The unit of length in Å.
    func overlap(_ angstroms: Double) -> Overlap? {
        let radii = numbers.map { Self.overlapFraction * Element.all[$0 - 1].covalentRadius }
        guard let widest = radii.indices.max(by: { radii[$0] < radii[$1] }) else { return nil }
        // First, because very many images of small cells lie within any distance.
        if let own = nearestOwnImage, own.distance * angstroms < 2 * radii[widest] {
            let distance = own.distance * angstroms
            return Overlap(
                first: widest, second: widest, isImage: true, distance: distance,
                ratio: distance / (2 * radii[widest]))
        }
        var worst: Overlap?
        func compare(_ i: Int, _ j: Int, _ vector: SIMD3<Double>, isImage: Bool) {
            let distance = (vector * vector).sum().squareRoot() * angstroms
            let ratio = distance / (radii[i] + radii[j])
            guard ratio < min(1, worst?.ratio ?? 1) else { return }
            worst = Overlap(first: i, second: j, isImage: isImage, distance: distance, ratio: ratio)
        }
        let reach = 2 * radii[widest] / angstroms
        if count < 100, cell?.isPeriodic != true {
            // Of small molecules most pairs are farther apart, and none need be listed.
            for i in positions.indices {
                for j in (i + 1)..<count {
                    let vector = positions[j] - positions[i]
                    if (vector * vector).sum() < reach * reach { compare(i, j, vector, isImage: false) }
                }
            }
        } else if let pairs = try? NeighborPairs(self, cutoff: reach, minimumDistance: 0) {
            for pair in 0..<pairs.count {
                let (i, j, vector) = (Int(pairs.first[pair]), Int(pairs.second[pair]), pairs.vectors[pair])
                compare(i, j, vector, isImage: vector != positions[j] - positions[i])
            }
        }
        return worst
    }
}

extension Dataset {
    /// The finding that atoms overlap, or images of them, in some configuration.
    ///
    /// - Throws: `ApusError` of kind `configuration` for units that cannot be converted.
    public func overlapFinding() throws -> Finding? {
        let angstroms = try units.length.factor(to: .angstrom)
        var (count, worst): (Int, (overlap: Overlap, position: Int)?) = (0, nil)
        for position in configurations.indices {
            if position % 10_000 == 0 { configurations.releasePages() }
            guard let overlap = configurations.system(position).overlap(angstroms) else { continue }
            count += 1
            if overlap.ratio < worst?.overlap.ratio ?? .infinity { worst = (overlap, position) }
        }
        guard let worst else { return nil }
        let (name, system) = (
            "\(configurations.record(worst.position)) (\(configurations.place(worst.position)))",
            configurations.system(worst.position)
        )
        return Finding(
            .geometry,
            "atoms overlap in \(count) of \(self.count) configurations, most in \(name), where "
                + "\(worst.overlap.text(system)); correct or remove them"
                + (system.cell?.isPeriodic == true ? ", correct the lattice vectors," : ",") + " or state the unit of "
                + "lengths with \(interpretation.names.unit(.length))")
    }

    /// The positions of configurations in which no atoms overlap.
    ///
    /// - Throws: `ApusError` of kind `configuration` for units that cannot be converted.
    public func positionsWithoutOverlap(among positions: [Int]) throws -> [Int] {
        let angstroms = try units.length.factor(to: .angstrom)
        return positions.filter { configurations.system($0).overlap(angstroms) == nil }
    }
}
