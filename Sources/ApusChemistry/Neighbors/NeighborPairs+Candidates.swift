extension NeighborPairs {
    /// Adds the candidates that are within the cutoff; returns the smallest squared distance.
    mutating func append(
        _ candidates: NeighborCandidates, of positions: [SIMD3<Double>], _ images: PeriodicImages,
        _ limits: SquaredLimits,
        _ offset: Int32
    ) -> Double {
        positions.withUnsafeBufferPointer { positions in
            images.atoms.withUnsafeBufferPointer { atoms in
                guard let lattice = images.lattice else {
                    return append(candidates, limits, offset) { i, image in
                        let j = atoms[Int(image)]
                        return (j, positions[Int(j)] - positions[i])
                    }
                }
                return images.shifts.withUnsafeBufferPointer { shifts in
                    append(candidates, limits, offset) { i, image in
                        let j = atoms[Int(image)]
                        let vector = positions[Int(j)] - positions[i]
                        let shift = shifts[Int(image)] &- shifts[Int(images.homes[i])]
                        return (j, shift == .zero ? vector : vector + lattice.vector(shift))
                    }
                }
            }
        }
    }

    /// - Parameter pair: The atom j of an atom i and an image, and the vector to it.
    @inline(__always)
    private mutating func append(
        _ candidates: NeighborCandidates, _ limits: SquaredLimits, _ offset: Int32,
        _ pair: (_ i: Int, _ image: Int32) -> (j: Int32, vector: SIMD3<Double>)
    ) -> Double {
        let total = count + candidates.images.count
        first.reserveCapacity(total)
        second.reserveCapacity(total)
        vectors.reserveCapacity(total)
        var closest = Double.infinity
        let most = zip(candidates.ends, [0] + candidates.ends).reduce(0) { max($0, $1.0 - $1.1) }
        candidates.images.withUnsafeBufferPointer { images in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: most) { seconds in
                withUnsafeTemporaryAllocation(of: SIMD3<Double>.self, capacity: most) { found in
                    var start = 0
                    for (i, end) in candidates.ends.enumerated() {
                        var number = 0
                        for place in start..<end {
                            let (j, vector) = pair(i, images[place])
                            let square = (vector * vector).sum()
                            seconds[number] = offset + j
                            found[number] = vector
                            number &+= square < limits.cutoff ? 1 : 0
                            closest = min(closest, square)
                        }
                        first.append(contentsOf: repeatElement(offset + Int32(truncatingIfNeeded: i), count: number))
                        second.append(contentsOf: UnsafeBufferPointer(rebasing: seconds[..<number]))
                        vectors.append(contentsOf: UnsafeBufferPointer(rebasing: found[..<number]))
                        start = end
                    }
                }
            }
        }
        return closest
    }
}
