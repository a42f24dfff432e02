extension NeighborPairs {
    /// Compares every atom with every later one; returns the smallest squared distance.
    mutating func appendByComparison(
        _ positions: [SIMD3<Double>], _ limits: SquaredLimits, _ offset: Int32
    ) -> Double {
        var closest = Double.infinity
        positions.withUnsafeBufferPointer { positions in
            // The neighbours of one atom are gathered here without a branch: every candidate is written, and the
            // index advances only for those within the cutoff.
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: positions.count) { seconds in
                withUnsafeTemporaryAllocation(of: SIMD3<Double>.self, capacity: positions.count) { found in
                    for i in positions.indices {
                        let origin = positions[i]
                        var number = 0
                        var nearest = Double.infinity
                        for j in (i + 1)..<positions.count {
                            let vector = positions[j] - origin
                            let square = (vector * vector).sum()
                            seconds[number] = offset + Int32(truncatingIfNeeded: j)
                            found[number] = vector
                            number &+= square < limits.cutoff ? 1 : 0
                            nearest = min(nearest, square)
                        }
                        closest = min(closest, nearest)
                        first.append(contentsOf: repeatElement(offset + Int32(truncatingIfNeeded: i), count: number))
                        second.append(contentsOf: UnsafeBufferPointer(rebasing: seconds[..<number]))
                        vectors.append(contentsOf: UnsafeBufferPointer(rebasing: found[..<number]))
                    }
                }
            }
        }
        return closest
    }
}
