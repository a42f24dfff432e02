import ApusChemistry
import Testing

/// Pairs across periodic boundaries, against all images within reach.
struct PeriodicPairsTests {
    private struct Pair: Equatable {
        var (i, j): (Int32, Int32)
        var vector: SIMD3<Double>
    }

    /// The definition written down plainly: every image of every atom, pairs sorted by (i, j, S).
    private func reference(_ system: AtomicSystem, cutoff: Double) -> [Pair] {
        guard let cell = system.cell else { return [] }
        let h = cell.vectors
        // So many cells apart can the image of one atom be that meets another.
        let reach = (0..<3).map { axis -> Int in
            guard cell.isPeriodicAlong[axis] else { return 0 }
            let others = (0..<3).filter { $0 != axis && cell.isPeriodicAlong[$0] }.map { h[$0] }
            // The height of the cell above the plane or line of the other periodic vectors, by Gram and Schmidt.
            var (rest, plane) = (h[axis], [SIMD3<Double>]())
            for other in others {
                let direction = plane.reduce(other) { $0 - dot($0, $1) * $1 }
                plane.append(direction / dot(direction, direction).squareRoot())
            }
            for direction in plane { rest -= dot(rest, direction) * direction }
            let height = dot(rest, rest).squareRoot()
            let along = system.positions.map { abs(dot($0, rest) / height) }.max() ?? 0
            return Int(((cutoff + 2 * along) / height).rounded(.up)) + 1
        }
        var pairs: [Pair] = []
        for i in 0..<system.count {
            for j in i..<system.count {
                for x in -reach[0]...reach[0] {
                    for y in -reach[1]...reach[1] {
                        for z in -reach[2]...reach[2] {
                            guard i < j || (x, y, z) > (0, 0, 0) else { continue }
                            var vector = system.positions[j] - system.positions[i]
                            if (x, y, z) != (0, 0, 0) {
                                vector += Double(x) * h[0] + Double(y) * h[1] + Double(z) * h[2]
                            }
                            guard dot(vector, vector) < cutoff * cutoff else { continue }
                            pairs.append(Pair(i: Int32(i), j: Int32(j), vector: vector))
                        }
                    }
                }
            }
        }
        return pairs
    }

    private func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

    private func expectPairs(
        _ system: AtomicSystem, cutoff: Double, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let expected = reference(system, cutoff: cutoff)
        for usingCells in [nil, false, true] {
            var list = NeighborPairs()
            try list.append(system, cutoff: cutoff, offset: 3, minimumDistance: 0, usingCells: usingCells)
            let found = (0..<list.count).map {
                Pair(i: list.first[$0] - 3, j: list.second[$0] - 3, vector: list.vectors[$0])
            }
            #expect(found == expected, "cells: \(String(describing: usingCells))", sourceLocation: location)
        }
    }

    static let flags = (0..<8).map { mask in (0..<3).map { mask >> $0 & 1 == 1 } }

    /// Random triclinic cells of both hands, of which many are smaller than the cutoff, with atoms inside and outside.
    @Test(arguments: flags)
    func randomCells(flags: [Bool]) throws {
        var generator = SplitMix64(seed: 5)
        var (left, small) = (0, 0)
        for _ in 0..<40 {
            let size = Double.random(in: 1.2..<7, using: &generator)
            var vectors: [SIMD3<Double>] = []
            var volume = 0.0
            // No flatter than 0.1: the reference looks at all images in between.
            while abs(volume) < 0.1 * size * size * size {
                vectors = (0..<3).map { _ in SIMD3.random(in: -size..<size, using: &generator) }
                let (b, c) = (vectors[1], vectors[2])
                volume = dot(
                    vectors[0], SIMD3(b.y * c.z - b.z * c.y, b.z * c.x - b.x * c.z, b.x * c.y - b.y * c.x))
            }
            left += volume < 0 ? 1 : 0
            small += size < 4 ? 1 : 0
            let count = Int.random(in: 1...5, using: &generator)
            let positions = (0..<count).map { _ in SIMD3.random(in: -2 * size..<3 * size, using: &generator) }
            let system = try AtomicSystem(
                numbers: [Int](repeating: 6, count: count), positions: positions,
                cell: Cell(vectors: vectors, isPeriodicAlong: flags))
            try expectPairs(system, cutoff: 4)
        }
        #expect(left > 10 && left < 30 && small > 10)
    }

    /// Vectors along which nothing repeats may be zero, or lie in the plane of the others.
    @Test func vectorsThatDoNotCount() throws {
        let positions = [SIMD3(0.3, 0.2, 7), SIMD3(1.4, -9, 6), SIMD3(0.3, 0.2, 4.5)]
        for vectors in [
            [SIMD3<Double>(2.5, 0.1, 0), SIMD3(-0.7, 2.1, 0.3), .zero],
            [SIMD3(2.5, 0.1, 0), SIMD3(-0.7, 2.1, 0.3), SIMD3(2.5, 0.1, 0)],
        ] {
            let cell = try Cell(vectors: vectors, isPeriodicAlong: [true, true, false])
            try expectPairs(AtomicSystem(numbers: [1, 1, 1], positions: positions, cell: cell), cutoff: 5)
        }
        let chain = try Cell(
            vectors: [SIMD3<Double>.zero, SIMD3(1, 1, 0.5), .zero], isPeriodicAlong: [false, true, false])
        try expectPairs(AtomicSystem(numbers: [1, 1, 1], positions: positions, cell: chain), cutoff: 5)
    }

    /// The lattice of a skewed cell is that of a cube; the pairs of both differ in how images are numbered, not in vectors.
    @Test func skewedCells() throws {
        let cube: [SIMD3<Double>] = [SIMD3(3, 0, 0), SIMD3(0, 3, 0), SIMD3(0, 0, 3)]
        // Whole multiples, so that vectors are the same to the last bit.
        let skewed: [SIMD3<Double>] = [SIMD3(3, 0, 0), SIMD3(192, 3, 0), SIMD3(51, -288, 3)]
        let positions = [SIMD3(0.25, 0.5, 1), SIMD3(1.5, 2.5, -0.75)]
        func vectors(_ cell: [SIMD3<Double>]) throws -> [SIMD3<Double>] {
            let system = try AtomicSystem(
                numbers: [6, 8], positions: positions, cell: Cell(vectors: cell, isPeriodicAlong: [true, true, true]))
            let pairs = try NeighborPairs(system, cutoff: 5)
            // Of an image and the opposite one either may be listed.
            return zip(zip(pairs.first, pairs.second), pairs.vectors).map { atoms, vector in
                let isTurned = atoms.0 == atoms.1 && (vector.x, vector.y, vector.z) < (0, 0, 0)
                return isTurned ? -vector : vector
            }.sorted { ($0.x, $0.y, $0.z) < ($1.x, $1.y, $1.z) }
        }
        #expect(try vectors(cube) == vectors(skewed))
        #expect(try vectors(cube).count > 30)
    }

    /// A large box, where cell lists are used, and the same with atoms many cells away.
    @Test(arguments: flags)
    func largeBoxes(flags: [Bool]) throws {
        var generator = SplitMix64(seed: 9)
        let cell = try Cell(
            vectors: [SIMD3<Double>(12, 0, 0), SIMD3(5, 11, 0), SIMD3(-4, 3, 13)], isPeriodicAlong: flags)
        let positions = (0..<160).map { _ in SIMD3<Double>.random(in: 0..<12, using: &generator) }
        try expectPairs(
            AtomicSystem(numbers: [Int](repeating: 6, count: 160), positions: positions, cell: cell), cutoff: 3.5)
        // Multiples of 2⁻³ keep every sum exact, so that pairs are the same whatever the cell an atom is listed in.
        let exact = positions.map { ($0 * 8).rounded(.down) / 8 }
        let moved = exact.map { position in
            (0..<3).reduce(position) { sum, axis in
                flags[axis] ? sum + Double(Int.random(in: -1000...1000, using: &generator)) * cell.vectors[axis] : sum
            }
        }
        func list(_ positions: [SIMD3<Double>]) throws -> NeighborPairs {
            try NeighborPairs(
                AtomicSystem(numbers: [Int](repeating: 6, count: 160), positions: positions, cell: cell), cutoff: 3.5,
                minimumDistance: 0)
        }
        let (inside, outside) = (try list(exact), try list(moved))
        #expect(inside.first == outside.first && inside.second == outside.second)
        #expect(inside.vectors == outside.vectors)
    }

    /// One atom in a primitive cell of fcc has 12 nearest neighbours and 6 next ones, of which half are listed.
    @Test func ownImages() throws {
        let a = 4.0
        let system = try AtomicSystem(
            numbers: [29], positions: [SIMD3(100, -70, 3)],
            cell: Cell(
                vectors: [SIMD3(0, a / 2, a / 2), SIMD3(a / 2, 0, a / 2), SIMD3(a / 2, a / 2, 0)],
                isPeriodicAlong: [true, true, true]))
        #expect(try NeighborPairs(system, cutoff: 0.72 * a).count == 6)
        let pairs = try NeighborPairs(system, cutoff: 1.01 * a)
        #expect(pairs.count == 9 && pairs.first.allSatisfy { $0 == 0 } && pairs.second.allSatisfy { $0 == 0 })
        for vector in pairs.vectors { #expect(!pairs.vectors.contains(-vector)) }
    }

    @Test func coincidingImages() throws {
        func system(_ positions: [SIMD3<Double>], side: Double = 5) throws -> AtomicSystem {
            let vectors = [SIMD3(side, 0, 0), SIMD3(0, side, 0), SIMD3(0, 0, side)]
            return try AtomicSystem(
                numbers: [Int](repeating: 8, count: positions.count), positions: positions,
                cell: Cell(vectors: vectors, isPeriodicAlong: [true, true, false]))
        }
        let oxygen = try Element(symbol: "O")
        let error = #expect(
            throws: AtomicSystemError.imagesCoincide(
                first: 0, second: 1, elements: [oxygen, oxygen], image: SIMD3(-2, 1, 0), distance: 0)
        ) { try NeighborPairs(system([SIMD3(1, 2, 3), SIMD3(11, -3, 3)]), cutoff: 4) }
        #expect(error?.description.contains("image of atom 1 (O) in the cell (-2, 1, 0)") == true)
        #expect(
            throws: AtomicSystemError.atomsCoincide(
                first: 0, second: 1, elements: [oxygen, oxygen], distance: 0)
        ) { try NeighborPairs(system([SIMD3(1, 2, 3), SIMD3(1, 2, 3)]), cutoff: 4) }
        let own = #expect(throws: AtomicSystemError.self) {
            try NeighborPairs(system([SIMD3(1, 2, 3)], side: 5e-4), cutoff: 2e-3)
        }
        #expect(own?.description.contains("from its own image in the cell (0, 1, 0)") == true)
        // Along c nothing repeats.
        #expect(try NeighborPairs(system([SIMD3(1, 2, 3), SIMD3(1, 2, 8)]), cutoff: 4).count == 0)
    }

    @Test func cellsThatCannotBeListed() throws {
        func system(_ position: SIMD3<Double>, side: Double) throws -> AtomicSystem {
            try AtomicSystem(
                numbers: [8, 1], positions: [.zero, position],
                cell: Cell(
                    vectors: [SIMD3(side, 0, 0), SIMD3(0, side, 0), SIMD3(0, 0, side)],
                    isPeriodicAlong: [true, true, true]))
        }
        // A million images of one atom, of which each makes a pair.
        #expect(throws: AtomicSystemError.cellTooSmall(cutoff: 5)) {
            let cell = try Cell(
                vectors: [SIMD3(0.1, 0, 0), SIMD3(0, 0.1, 0), SIMD3(0, 0, 0.1)], isPeriodicAlong: [true, true, true])
            return try NeighborPairs(AtomicSystem(numbers: [6], positions: [.zero], cell: cell), cutoff: 5)
        }
        let small = #expect(throws: AtomicSystemError.cellTooSmall(cutoff: 5)) {
            try NeighborPairs(system(SIMD3(0.005, 0, 0), side: 0.01), cutoff: 5)
        }
        #expect(small?.description.contains("more images of an atom lie within the cutoff of 5.0 length units") == true)
        for far in [1e11, -1e300] {
            let error = #expect(throws: AtomicSystemError.atomFarFromCell(atom: 1)) {
                try NeighborPairs(system(SIMD3(0, far, 0), side: 4), cutoff: 5)
            }
            #expect(error?.description.contains("move it into the cell") == true)
        }
    }

    /// Of a skewed cell, whose vectors are long, the nearest image is found in any number of periodic directions.
    @Test func nearestOwnImages() throws {
        func nearest(_ vectors: [SIMD3<Double>], _ flags: [Bool]) throws -> (distance: Double, image: SIMD3<Int32>)? {
            try AtomicSystem(
                numbers: [6], positions: [SIMD3(1e4, 0, 3)], cell: Cell(vectors: vectors, isPeriodicAlong: flags)
            ).nearestOwnImage
        }
        // c − 7a − 3b is 0.5 long.
        let skewed = [SIMD3<Double>(3, 0, 0), SIMD3(0, 4, 0), SIMD3(21, 12, 0.5)]
        let found = try #require(try nearest(skewed, [true, true, true]))
        #expect(abs(found.distance - 0.5) < 1e-12 && found.image == SIMD3(7, 3, -1))
        let slab = try #require(try nearest(skewed, [true, true, false]))
        #expect(slab.distance == 3 && slab.image == SIMD3(1, 0, 0))
        #expect(try nearest(skewed, [false, false, false]) == nil)
        // Nothing is listed of cells whose images stand on one point, not even within a cutoff of some cells.
        let error = #expect(throws: AtomicSystemError.self) {
            let cell = try Cell(
                vectors: [SIMD3(1e-5, 0, 0), SIMD3(0, 1e-5, 0), SIMD3(0, 0, 1e-5)], isPeriodicAlong: [true, true, true])
            return try NeighborPairs(AtomicSystem(numbers: [6], positions: [.zero], cell: cell), cutoff: 2e-3)
        }
        #expect(error?.description.contains("from its own image in the cell (0, 0, 1)") == true)
    }

    /// Atoms many cells away are brought back to the first.
    @Test func gathering() throws {
        let vectors = [SIMD3<Double>(5, 0, 0), SIMD3(1, 6, 0), SIMD3(0, 2, 7)]
        let cell = try Cell(vectors: vectors, isPeriodicAlong: [true, true, false])
        let positions = [SIMD3(2e6, 1, 3), SIMD3(2e6, 2, 4) + 1000 * vectors[0] - 20_000 * vectors[1] + vectors[2]]
        let system = try AtomicSystem(numbers: [6, 8], positions: positions, cell: cell)
        let gathered = try system.gathered()
        #expect(gathered.positions[0] == .zero && gathered.cell == cell && gathered.numbers == [6, 8])
        // Along c nothing repeats: (0, 1, 1) + c, in the nearest image along b.
        let step = gathered.positions[1] - (SIMD3(0, 1, 1) + vectors[2] - 0 * vectors[1])
        #expect((step * step).sum().squareRoot() < 1e-8, "\(gathered.positions[1])")
        let pairs = try [system, gathered].map { try NeighborPairs($0, cutoff: 9) }
        #expect(pairs[0].count == pairs[1].count && pairs[0].count > 8)
    }
}
