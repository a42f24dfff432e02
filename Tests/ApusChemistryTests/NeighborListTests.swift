import ApusChemistry
import Testing

/// Lists that are kept from step to step hold what a fresh search finds, to the last bit.
struct NeighborListTests {
    private func start(_ count: Int, side: Double, seed: UInt64) -> [SIMD3<Double>] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in SIMD3.random(in: 0..<side, using: &generator) }
    }

    private func cell(_ scale: Double, _ flags: [Bool]) throws -> Cell {
        try Cell(
            vectors: [SIMD3<Double>(9, 0, 0), SIMD3(2, 8, 0), SIMD3(-1, 3, 7)].map { scale * $0 },
            isPeriodicAlong: flags)
    }

    /// A random walk of so small steps that most of them need no search.
    @Test(arguments: [[true, true, true], [true, false, true], [false, false, false]])
    func randomWalk(flags: [Bool]) throws {
        var generator = SplitMix64(seed: 3)
        var list = NeighborList(cutoff: 3, skin: 0.8, minimumDistance: 0)
        var positions = start(70, side: 9, seed: 4)
        let cell = try cell(1, flags)
        var lost = 0
        var early: NeighborPairs?
        for _ in 0..<300 {
            positions = positions.map { $0 + SIMD3.random(in: -0.02...0.02, using: &generator) }
            let system = try AtomicSystem(
                numbers: [Int](repeating: 6, count: 70), positions: positions, cell: cell)
            try list.update(system)
            let fresh = try NeighborPairs(system, cutoff: 3, minimumDistance: 0)
            #expect(list.pairs == fresh)
            if let early, early.first != fresh.first || early.second != fresh.second { lost += 1 }
            early = early ?? fresh
        }
        // Pairs came and went, and few steps searched.
        #expect(lost > 250)
        #expect(list.searches > 3 && list.searches < 60)
    }

    /// A search for every new cell, for an atom that jumps into another cell, and for other numbers of atoms.
    @Test func changes() throws {
        var list = NeighborList(cutoff: 3, skin: 1)
        func update(_ positions: [SIMD3<Double>], _ scale: Double) throws -> Int {
            let system = try AtomicSystem(
                numbers: [Int](repeating: 6, count: positions.count), positions: positions,
                cell: cell(scale, [true, true, true]))
            try list.update(system)
            #expect(try list.pairs == NeighborPairs(system, cutoff: 3))
            return list.searches
        }
        var positions = [SIMD3(0.1, 0, 0), SIMD3(2, 3, 1), SIMD3(7, 7, 6.0)]
        #expect(try update(positions, 1) == 1)
        #expect(try update(positions, 1) == 1)
        for step in 1...20 { #expect(try update(positions, 1 + 1e-3 * Double(step)) == 1 + step) }
        #expect(try update(positions, 1) == 22)
        positions[0].x += 0.499
        #expect(try update(positions, 1) == 22)
        positions[0].x += 0.002
        #expect(try update(positions, 1) == 23)
        positions[0] += SIMD3(9, 0, 0)
        #expect(try update(positions, 1) == 24)
        #expect(try update(Array(positions.dropLast()), 1) == 25)
    }

    @Test func withoutSkin() throws {
        var list = NeighborList(cutoff: 3, skin: 0)
        let system = try AtomicSystem(numbers: [1, 1], positions: [.zero, SIMD3(0, 0, 1)])
        for step in 1...3 {
            try list.update(system)
            #expect(list.searches == step && list.pairs.count == 1)
        }
    }

    /// After an error the next update starts anew.
    @Test func coincidingAtoms() throws {
        var list = NeighborList(cutoff: 3, skin: 1)
        func system(_ z: Double) throws -> AtomicSystem {
            try AtomicSystem(numbers: [1, 1], positions: [.zero, SIMD3(0, 0, z)])
        }
        try list.update(system(0.4))
        #expect(throws: AtomicSystemError.self) { try list.update(system(0)) }
        #expect(list.pairs.count == 0)
        try list.update(system(0.4))
        #expect(list.pairs.count == 1)
    }
}
