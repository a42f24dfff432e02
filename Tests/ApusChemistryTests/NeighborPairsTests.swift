import ApusChemistry
import Testing

struct NeighborPairsTests {
    private typealias Positions = [SIMD3<Double>]

    private func carbon(_ positions: Positions) throws -> AtomicSystem {
        try AtomicSystem(numbers: [Int](repeating: 6, count: positions.count), positions: positions)
    }

    /// Both methods, each compared with the definition written down plainly.
    private func expectPairs(
        _ positions: Positions, cutoff: Double, minimumDistance: Double = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let system = try carbon(positions)
        var first: [Int32] = []
        var second: [Int32] = []
        var vectors: Positions = []
        for i in positions.indices {
            for j in positions.indices where j > i {
                let vector = positions[j] - positions[i]
                guard (vector * vector).sum() < cutoff * cutoff else { continue }
                first.append(Int32(i))
                second.append(Int32(j))
                vectors.append(vector)
            }
        }
        for usingCells in [false, true] {
            var pairs = NeighborPairs()
            try pairs.append(system, cutoff: cutoff, minimumDistance: minimumDistance, usingCells: usingCells)
            #expect(pairs.first == first, "cells: \(usingCells)", sourceLocation: sourceLocation)
            #expect(pairs.second == second, "cells: \(usingCells)", sourceLocation: sourceLocation)
            #expect(pairs.vectors == vectors, "cells: \(usingCells)", sourceLocation: sourceLocation)
        }
    }

    private func random(_ count: Int, in side: Double, seed: UInt64) -> Positions {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in SIMD3.random(in: 0..<side, using: &generator) }
    }

    /// So many that room is made for an estimate of their pairs.
    @Test func manyAtoms() throws { try expectPairs(random(2500, in: 30, seed: 11), cutoff: 5) }

    @Test func water() throws {
        let system = try AtomicSystem(
            numbers: [8, 1, 1], positions: [.zero, SIMD3(0.75, 0.5, 0), SIMD3(-0.75, 0.5, 0)])
        let all = try NeighborPairs(system, cutoff: 5)
        #expect(all.first == [0, 0, 1] && all.second == [1, 2, 2])
        #expect(all.vectors == [SIMD3(0.75, 0.5, 0), SIMD3(-0.75, 0.5, 0), SIMD3(-1.5, 0, 0)])
        #expect(try NeighborPairs(system, cutoff: 1).second == [1, 2])
        #expect(all.count == 3)
    }

    /// An atom exactly at the cutoff is no neighbour, one just inside is.
    @Test func cutoffIsExcluded() throws {
        for usingCells in [false, true] {
            for (distance, count) in [(5.0, 0), (5.0.nextDown, 1), (5.0.nextUp, 0)] {
                var pairs = NeighborPairs()
                try pairs.append(
                    carbon([SIMD3(-2, 1, 0), SIMD3(-2, 1, distance)]), cutoff: 5, usingCells: usingCells)
                #expect(pairs.count == count)
            }
        }
    }

    @Test func fewAtoms() throws {
        try expectPairs([], cutoff: 5)
        try expectPairs([.zero], cutoff: 5)
        try expectPairs([.zero, SIMD3(1, 2, 3)], cutoff: 5)
    }

    @Test(arguments: [2, 3, 18, 60, 199, 200, 201, 499, 500, 700], [1.0, 5, 100])
    func randomClusters(count: Int, cutoff: Double) throws {
        let side = 5 * (Double(count) / 10).squareRoot()
        try expectPairs(random(count, in: side, seed: UInt64(count)), cutoff: cutoff)
        try expectPairs(random(count, in: side, seed: 99).map { $0 - SIMD3(3, 700, -1e4) }, cutoff: cutoff)
    }

    @Test func degenerateGeometries() throws {
        let line = (0..<600).map { SIMD3(0, 0.7 * Double($0), 0) }
        try expectPairs(line, cutoff: 5)
        try expectPairs(line.reversed(), cutoff: 5)
        try expectPairs(line, cutoff: 0.7)  // rounding decides, in the same way for both
        try expectPairs(random(600, in: 40, seed: 1).map { $0 * SIMD3(1, 1, 0) }, cutoff: 5)  // a plane
        let lattice = (0..<512).map { SIMD3(Double($0 & 7), Double($0 >> 3 & 7), Double($0 >> 6)) }
        for cutoff in [1, 1.5, 2, 3.0.nextUp] { try expectPairs(lattice, cutoff: cutoff) }
        let tight = random(250, in: 1, seed: 2) + random(250, in: 1, seed: 3).map { $0 + 40 }
        try expectPairs(tight, cutoff: 5)
        try expectPairs([SIMD3<Double>](repeating: .zero, count: 250), cutoff: 5)
    }

    /// Atoms far apart take no more memory than others, and find their neighbours all the same.
    @Test(arguments: [1e3, 1e7, 1e12, 1e18, 1e200, 1.7e308])
    func farOutliers(distance: Double) throws {
        var positions = random(500, in: 15, seed: 4)
        positions[17] = SIMD3(distance, 0, 0)
        positions[18] = SIMD3(-distance, distance, 0)
        positions[400] = SIMD3(-distance, distance, 1)
        try expectPairs(positions, cutoff: 5)
    }

    /// Coordinates that span more cells than the table can tell apart.
    @Test func longChain() throws {
        try expectPairs((0..<800).map { SIMD3(1e5 * Double($0 / 2) + Double($0 % 2), 0, 0) }, cutoff: 1.5)
    }

    /// Neighbours near the origin whose distances to a far corner, counted in cutoffs, round to whole numbers two
    /// apart.
    @Test func cellBorders() throws {
        var found = 0
        for step in 1...40 {
            let cutoff = 0.1 * Double(step)
            let corner = -1e6 * cutoff - 0.01
            let border = (-corner / cutoff).rounded() * cutoff + corner
            for eighth in -8...8 {
                let low = border + Double(eighth) * corner.ulp / 8
                let high = (low + cutoff).nextDown.nextDown
                let cells = ((high - corner) / cutoff).rounded(.down) - ((low - corner) / cutoff).rounded(.down)
                guard high - low < cutoff, cells == 2 else { continue }
                found += 1
                try expectPairs([SIMD3(corner, 0, 0), SIMD3(low, 0, 0), SIMD3(high, 0, 0)], cutoff: cutoff)
            }
        }
        #expect(found > 10)
    }

    @Test func appendingManySystems() throws {
        let (small, large) = (try carbon(random(20, in: 8, seed: 6)), try carbon(random(600, in: 20, seed: 7)))
        let (one, two) = (try NeighborPairs(small, cutoff: 4), try NeighborPairs(large, cutoff: 4))
        var pairs = NeighborPairs()
        for _ in 0..<2 {
            pairs.removeAll()
            #expect(pairs.count == 0)
            try pairs.append(small, cutoff: 4)
            try pairs.append(large, cutoff: 4, offset: 20)
            try pairs.append(small, cutoff: 4, offset: 620)
            #expect(pairs.first == one.first + two.first.map { $0 + 20 } + one.first.map { $0 + 620 })
            #expect(pairs.second == one.second + two.second.map { $0 + 20 } + one.second.map { $0 + 620 })
            #expect(pairs.vectors == one.vectors + two.vectors + one.vectors)
        }
    }

    /// Of several coinciding pairs the first is named, and a failed call leaves the list as it was.
    @Test(arguments: [20, 700])
    func coincidingAtoms(count: Int) throws {
        var positions = random(count, in: 30, seed: 8)
        positions[19] = positions[11] + SIMD3(0, 5e-4, 0)
        positions[15] = positions[7]
        positions[13] = positions[7]
        var numbers = [Int](repeating: 6, count: count)
        numbers[7] = 8
        numbers[13] = 1
        let system = try AtomicSystem(numbers: numbers, positions: positions)
        let (oxygen, hydrogen) = (try Element(symbol: "O"), try Element(symbol: "H"))
        let expected = AtomicSystemError.atomsCoincide(
            first: 7, second: 13, elements: [oxygen, hydrogen], distance: 0)

        var pairs = try NeighborPairs(carbon([.zero, SIMD3(1, 0, 0)]), cutoff: 5)
        let before = pairs
        let error = #expect(throws: expected) { try pairs.append(system, cutoff: 5, offset: 2) }
        #expect(error?.description.hasPrefix("atoms 7 (O) and 13 (H), counted from 0, are 0.0 length units") == true)
        #expect(pairs == before)
        #expect(throws: expected) { try NeighborPairs(system, cutoff: 5, minimumDistance: 1e-12) }
    }

    @Test func minimumDistance() throws {
        let system = try carbon([.zero, SIMD3(0, 0, 0.4)])
        #expect(try NeighborPairs(system, cutoff: 5, minimumDistance: 0.4).count == 1)
        #expect(throws: AtomicSystemError.self) { try NeighborPairs(system, cutoff: 5, minimumDistance: 0.41) }
        #expect(try NeighborPairs(carbon([.zero, .zero]), cutoff: 5, minimumDistance: 0).count == 1)
    }
}
