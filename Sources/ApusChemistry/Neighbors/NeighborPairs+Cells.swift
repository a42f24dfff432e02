extension NeighborPairs {
    /// Searches the cells around each atom; returns the smallest squared distance.
    ///
    /// Atoms j are taken in ascending order, so that the pairs (i, j) with i < j come sorted by j. One stable
    /// counting sort by i then gives the order (i, j) in linear time.
    mutating func appendByCells(
        _ positions: [SIMD3<Double>], cutoff: Double, _ limits: SquaredLimits, _ offset: Int32
    ) -> Double {
        let groups = LowerNeighbors(positions, cutoff: cutoff, limits)

        var places: [Int] = []
        var total = 0
        for count in groups.counts {
            places.append(total)
            total += count
        }
        appendRoom(for: total) { first, second, vectors in
            var start = 0
            for (j, end) in groups.ends.enumerated() {
                let origin = positions[j]
                for i in groups.atoms[start..<end] {
                    let place = places[Int(i)]
                    places[Int(i)] += 1
                    first[place] = offset + i
                    second[place] = offset + Int32(truncatingIfNeeded: j)
                    vectors[place] = origin - positions[Int(i)]
                }
                start = end
            }
        }
        return groups.closest
    }

    /// Lengthens the three arrays by `number` entries, which a closure then fills in.
    private mutating func appendRoom(
        for number: Int,
        _ fill: (
            _ first: UnsafeMutableBufferPointer<Int32>, _ second: UnsafeMutableBufferPointer<Int32>,
            _ vectors: UnsafeMutableBufferPointer<SIMD3<Double>>
        ) -> Void
    ) {
        let start = count
        first.append(contentsOf: repeatElement(0, count: number))
        second.append(contentsOf: repeatElement(0, count: number))
        vectors.append(contentsOf: repeatElement(.zero, count: number))
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                vectors.withUnsafeMutableBufferPointer { vectors in
                    fill(
                        UnsafeMutableBufferPointer(rebasing: first[start...]),
                        UnsafeMutableBufferPointer(rebasing: second[start...]),
                        UnsafeMutableBufferPointer(rebasing: vectors[start...]))
                }
            }
        }
    }
}

/// For each atom j the atoms i < j within the cutoff, one group after the other.
private struct LowerNeighbors {
    /// The atoms i of all groups.
    var atoms: [Int32] = []
    /// Where the group of each atom j ends in `atoms`.
    var ends: [Int] = []
    /// In how many groups each atom i occurs.
    var counts: [Int]
    /// The smallest squared distance.
    var closest = Double.infinity

    init(_ positions: [SIMD3<Double>], cutoff: Double, _ limits: NeighborPairs.SquaredLimits) {
        let grid = CellGrid(positions, cutoff: cutoff)
        // Candidates are read cell by cell, so they lie together.
        let sorted = grid.atoms.map { positions[Int($0)] }
        counts = [Int](repeating: 0, count: positions.count)
        ends.reserveCapacity(positions.count)
        var ranges: [Range<Int>] = []

        sorted.withUnsafeBufferPointer { sorted in
            grid.atoms.withUnsafeBufferPointer { candidates in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: positions.count) { found in
                    for (j, origin) in positions.enumerated() {
                        grid.neighbors(ofCell: grid.atomKeys[j], into: &ranges)
                        var number = 0
                        var nearest = Double.infinity
                        for range in ranges {
                            for place in range {
                                let i = candidates[place]
                                guard i < j else { break }
                                let vector = origin - sorted[place]
                                let square = (vector * vector).sum()
                                // Without a branch, as in the comparison of all atoms.
                                found[number] = i
                                number &+= square < limits.cutoff ? 1 : 0
                                nearest = min(nearest, square)
                            }
                        }
                        closest = min(closest, nearest)
                        let group = UnsafeBufferPointer(rebasing: found[..<number])
                        for i in group { counts[Int(i)] += 1 }
                        atoms.append(contentsOf: group)
                        ends.append(atoms.count)
                    }
                }
            }
        }
    }
}
