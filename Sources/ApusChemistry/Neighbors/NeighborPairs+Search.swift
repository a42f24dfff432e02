import ApusSystem

extension NeighborPairs {
    /// Adds what a search finds that is within the cutoff; returns the smallest squared distance.
    mutating func append(
        _ search: NeighborSearch, _ images: PeriodicImages, _ limits: SquaredLimits,
        _ offset: Int32
    ) -> Double {
        let total = count + search.estimate
        first.reserveLargePages(total)
        second.reserveLargePages(total)
        vectors.reserveLargePages(total)
        var closest = Double.infinity
        let translations = images.lattice?.translations
        let homes = images.homes
        images.images.withUnsafeBufferPointer { known in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: search.mostImages) { seconds in
                withUnsafeTemporaryAllocation(of: SIMD3<Double>.self, capacity: search.mostImages) { found in
                    search.forEachAtom { i, near in
                        let home = known[Int(homes[i])]
                        // Without a branch: every pair is written, and the place moves on only for those within the cutoff.
                        var number = 0
                        for image in near {
                            let image = known[Int(image)]
                            var vector = image.position - home.position
                            if let translations, image.shift != home.shift {
                                vector += translations[image.shift &- home.shift]
                            }
                            let square = (vector * vector).sum()
                            seconds[number] = offset + image.atom
                            found[number] = vector
                            number &+= square < limits.cutoff ? 1 : 0
                            closest = min(closest, square)
                        }
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
