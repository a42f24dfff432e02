extension Cell {
    /// Short vectors along which the cell repeats, each with its dual vector, which gives the coordinate of a point along it.
    package var repeats: [(vector: SIMD3<Double>, dual: SIMD3<Double>)] {
        let lattice = Lattice(self)
        return zip(lattice.basis, lattice.dual).map { ($0, $1) }
    }
}

extension AtomicSystem {
    /// How far it is from an atom to the nearest image of its own, and which image that is; nil for a system that is not
    /// periodic.
    package var nearestOwnImage: (distance: Double, image: SIMD3<Int32>)? {
        cell.flatMap { $0.isPeriodic ? Lattice($0).shortest : nil }
    }

    /// The same system with the first atom at the origin, and of each other atom the image that is nearest to it.
    ///
    /// Coordinates are then as small as they can be, and so is what they round.
    ///
    /// - Throws: ``AtomicSystemError/atomFarFromCell(atom:)``.
    package func gathered() throws(AtomicSystemError) -> AtomicSystem {
        guard let first = positions.first else { return self }
        let lattice = cell.map { Lattice($0) }
        var places: [SIMD3<Double>] = []
        places.reserveCapacity(count)
        for (atom, position) in positions.enumerated() {
            var place = position - first
            for (vector, dual) in zip(lattice?.basis ?? [], lattice?.dual ?? []) {
                let cells = dot(position - first, dual).rounded()
                guard abs(cells) < 1e9 else { throw .atomFarFromCell(atom: atom) }
                place -= cells * vector
            }
            places.append(place)
        }
        return try moved(to: places)
    }
}
