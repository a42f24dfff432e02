/// Atoms sorted into cubic cells, of which only those that hold atoms are kept.
///
/// Memory is O(n) however far the atoms are apart, because the cells live in a hash table. Cells are a little larger
/// than the cutoff, so the neighbours of an atom lie in the 3 × 3 × 3 cells around its own.
struct CellGrid {
    /// The largest coordinate of an occupied cell; the smallest is 1.
    ///
    /// So the cells around it stay in 0...2²¹ − 1, and a triple of coordinates packs into 63 bits. Atoms farther out
    /// share the outermost cells. That never parts neighbours, it only makes the search look at more candidates.
    private static let largestCoordinate = Double((1 << 21) - 2)
    private static let emptyKey = UInt64.max

    /// The open-addressing table from the key of a cell to its number.
    private var keys: [UInt64]
    private var cells: [Int32]
    /// The key of the cell of each atom.
    let atomKeys: [UInt64]
    /// The atoms in the order of cells, ascending inside a cell.
    private(set) var atoms: [Int32]
    /// Where each cell starts in `atoms`, and the end.
    private(set) var starts: [Int32]

    init(_ positions: [SIMD3<Double>], cutoff: Double) {
        let corner = positions.dropFirst().reduce(positions.first ?? .zero) { pointwiseMin($0, $1) }
        // The margin covers the rounding of up to 2²¹ cells, some 1e-9 of a cell.
        let side = cutoff * (1 + 1e-6)
        atomKeys = positions.map { position in
            let coordinate = pointwiseMin((position - corner) / side, SIMD3(repeating: CellGrid.largestCoordinate - 1))
            return CellGrid.key(SIMD3<Int>(coordinate) &+ 1)
        }

        var size = 16
        while size < 2 * positions.count { size *= 2 }
        keys = [UInt64](repeating: CellGrid.emptyKey, count: size)
        cells = [Int32](repeating: 0, count: size)
        atoms = [Int32](repeating: 0, count: positions.count)
        starts = [0]

        // A counting sort, which keeps the atoms of a cell in ascending order.
        var cellOfAtom = [Int32](repeating: 0, count: positions.count)
        var counts: [Int32] = []
        for (atom, key) in atomKeys.enumerated() {
            let slot = slot(of: key)
            if keys[slot] == CellGrid.emptyKey {
                keys[slot] = key
                cells[slot] = Int32(counts.count)
                counts.append(0)
            }
            cellOfAtom[atom] = cells[slot]
            counts[Int(cells[slot])] += 1
        }
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        for (atom, cell) in cellOfAtom.enumerated() {
            atoms[Int(next[Int(cell)])] = Int32(atom)
            next[Int(cell)] += 1
        }
    }

    /// The ranges in `atoms` of the occupied cells among the 27 in and around the cell with a key.
    func neighbors(ofCell key: UInt64, into ranges: inout [Range<Int>]) {
        ranges.removeAll(keepingCapacity: true)
        for x in -1...1 {
            for y in -1...1 {
                for z in -1...1 {
                    let other = key &+ UInt64(bitPattern: Int64(x << 42 + y << 21 + z))
                    let slot = slot(of: other)
                    guard keys[slot] == other else { continue }
                    let cell = Int(cells[slot])
                    ranges.append(Int(starts[cell])..<Int(starts[cell + 1]))
                }
            }
        }
    }

    private static func key(_ cell: SIMD3<Int>) -> UInt64 {
        UInt64(cell.x) << 42 | UInt64(cell.y) << 21 | UInt64(cell.z)
    }

    /// The slot of a key, or the empty slot where it belongs; at most half of the slots are taken.
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & (keys.count - 1)
        while keys[slot] != key, keys[slot] != CellGrid.emptyKey {
            slot = (slot + 1) & (keys.count - 1)
        }
        return slot
    }
}
