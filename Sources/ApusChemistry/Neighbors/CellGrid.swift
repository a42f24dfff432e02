/// Points sorted into cubic cells, of which only those that hold points are kept.
///
/// Memory is O(n) however far the points are apart, because the cells live in a hash table. Cells are a little larger
/// than the cutoff, so the neighbours of a point lie in the 3 × 3 × 3 cells around its own. Cells are sorted by their
/// coordinates, so three of them along z are one range of points.
struct CellGrid {
    /// The largest coordinate of an occupied cell; the smallest is 1.
    ///
    /// So the cells around it stay in 0...2²¹ − 1, and a triple of coordinates packs into 63 bits. Points farther out
    /// share the outermost cells. That never parts neighbours, it only makes the search look at more candidates.
    private static let largestCoordinate = Double((1 << 21) - 2)

    /// The least of all coordinates.
    let corner: SIMD3<Double>
    /// The points by rank: in the order of cells, ascending inside a cell.
    private(set) var points: [Int32]
    /// The cell of each of them.
    private(set) var cells: [Int32]
    /// The bounds of the half-open ranges of ranks in and around all cells, one cell after the other, and where those of each
    /// cell start.
    private var rangeBounds: [Int32] = []
    private var rangeStarts: [Int] = [0]
    /// The most points in and around a cell.
    private(set) var mostPointsAround = 0

    init(_ positions: [SIMD3<Double>], cutoff: Double) {
        corner = positions.dropFirst().reduce(positions.first ?? .zero) { pointwiseMin($0, $1) }
        // The margin covers the rounding of up to 2²¹ cells, some 1e-9 of a cell.
        let side = cutoff * (1 + 1e-6)

        var table = CellTable(capacity: positions.count)
        var found: [UInt64] = []
        var slotOfPoint: [Int32] = []
        slotOfPoint.reserveCapacity(positions.count)
        for position in positions {
            let coordinate = pointwiseMin((position - corner) / side, SIMD3(repeating: CellGrid.largestCoordinate - 1))
            let key = CellGrid.key(SIMD3<Int>(coordinate) &+ 1)
            let slot = table.slot(of: key)
            if table.keys[slot] != key {
                table.keys[slot] = key
                found.append(key)
            }
            slotOfPoint.append(Int32(truncatingIfNeeded: slot))
        }
        found.sort()
        for (cell, key) in found.enumerated() { table.cells[table.slot(of: key)] = Int32(truncatingIfNeeded: cell) }

        // A counting sort, which keeps the points of a cell in ascending order.
        var starts = [Int32](repeating: 0, count: found.count + 1)
        for slot in slotOfPoint { starts[Int(table.cells[Int(slot)]) + 1] += 1 }
        for cell in found.indices { starts[cell + 1] += starts[cell] }
        var ranks = starts
        points = [Int32](repeating: 0, count: positions.count)
        cells = points
        for (point, slot) in slotOfPoint.enumerated() {
            let cell = table.cells[Int(slot)]
            let rank = Int(ranks[Int(cell)])
            points[rank] = Int32(truncatingIfNeeded: point)
            cells[rank] = cell
            ranks[Int(cell)] += 1
        }
        findRanges(found, table, starts)
    }

    /// Passes on the bounds of the half-open ranges of ranks in the 27 cells in and around the one of a point, given by its rank.
    func withRanges<Result>(
        aroundRank rank: Int, _ use: (_ bounds: UnsafePointer<Int32>, _ count: Int) -> Result
    ) -> Result {
        let cell = Int(cells[rank])
        let (first, end) = (rangeStarts[cell], rangeStarts[cell + 1])
        return rangeBounds.withUnsafeBufferPointer { use($0.baseAddress! + 2 * first, end - first) }
    }

    /// - Parameters:
    ///   - keys: The key of each cell, ascending.
    ///   - starts: The rank of the first point of each cell, and the end.
    private mutating func findRanges(_ keys: [UInt64], _ table: CellTable, _ starts: [Int32]) {
        for key in keys {
            let first = rangeBounds.count
            var points = 0
            for x in -1...1 {
                for y in -1...1 {
                    for z in -1...1 {
                        let key = key &+ UInt64(bitPattern: Int64(x << 42 + y << 21 + z))
                        let slot = table.slot(of: key)
                        guard table.keys[slot] == key else { continue }
                        let other = Int(table.cells[slot])
                        if rangeBounds.count > first, rangeBounds.last! == starts[other] {
                            rangeBounds[rangeBounds.count - 1] = starts[other + 1]
                        } else {
                            rangeBounds.append(starts[other])
                            rangeBounds.append(starts[other + 1])
                        }
                        points += Int(starts[other + 1] - starts[other])
                    }
                }
            }
            rangeStarts.append(rangeBounds.count / 2)
            mostPointsAround = max(mostPointsAround, points)
        }
    }

    private static func key(_ cell: SIMD3<Int>) -> UInt64 {
        UInt64(cell.x) << 42 | UInt64(cell.y) << 21 | UInt64(cell.z)
    }
}

/// The open-addressing table from the key of a cell to its number.
private struct CellTable {
    var keys: [UInt64]
    var cells: [Int32]

    private static let emptyKey = UInt64.max

    init(capacity: Int) {
        var size = 16
        while size < 2 * capacity { size *= 2 }
        keys = [UInt64](repeating: Self.emptyKey, count: size)
        cells = [Int32](repeating: 0, count: size)
    }

    /// The slot of a key, or the empty slot where it belongs; at most half of the slots are taken.
    func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & (keys.count - 1)
        while keys[slot] != key, keys[slot] != Self.emptyKey {
            slot = (slot + 1) & (keys.count - 1)
        }
        return slot
    }
}
