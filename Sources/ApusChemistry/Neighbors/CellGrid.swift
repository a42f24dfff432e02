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
    private static let emptyKey = UInt64.max

    /// The open-addressing table from the key of a cell to its number.
    private var slotKeys: [UInt64]
    private var slotCells: [Int32]
    /// The key of each cell, ascending.
    private let keys: [UInt64]
    /// The points in the order of cells, ascending inside a cell.
    private(set) var points: [Int32]
    /// The cell of each of them.
    private(set) var cellOfPlace: [Int32]
    /// The least of all coordinates.
    let corner: SIMD3<Double>
    /// Where each cell starts in `points`, and the end.
    private var starts: [Int32]
    /// The ranges of points in and around all cells, one cell after the other: where each begins and where it has ended; and
    /// where those of each cell start.
    private var rangeBounds: [Int32] = []
    private var rangeStarts: [Int] = [0]

    init(_ positions: [SIMD3<Double>], cutoff: Double) {
        corner = positions.dropFirst().reduce(positions.first ?? .zero) { pointwiseMin($0, $1) }
        // The margin covers the rounding of up to 2²¹ cells, some 1e-9 of a cell.
        let side = cutoff * (1 + 1e-6)

        var size = 16
        while size < 2 * positions.count { size *= 2 }
        slotKeys = [UInt64](repeating: CellGrid.emptyKey, count: size)
        slotCells = [Int32](repeating: 0, count: size)
        var found: [UInt64] = []
        var slotOfPoint: [Int32] = []
        slotOfPoint.reserveCapacity(positions.count)
        for position in positions {
            let coordinate = pointwiseMin((position - corner) / side, SIMD3(repeating: CellGrid.largestCoordinate - 1))
            let key = CellGrid.key(SIMD3<Int>(coordinate) &+ 1)
            let slot = CellGrid.slot(of: key, in: slotKeys)
            if slotKeys[slot] == CellGrid.emptyKey {
                slotKeys[slot] = key
                found.append(key)
            }
            slotOfPoint.append(Int32(truncatingIfNeeded: slot))
        }
        keys = found.sorted()
        for (cell, key) in keys.enumerated() {
            slotCells[CellGrid.slot(of: key, in: slotKeys)] = Int32(truncatingIfNeeded: cell)
        }

        // A counting sort, which keeps the points of a cell in ascending order.
        var places = [Int](repeating: 0, count: keys.count)
        for slot in slotOfPoint { places[Int(slotCells[Int(slot)])] += 1 }
        starts = [0]
        starts.reserveCapacity(keys.count + 1)
        for cell in places.indices {
            let start = starts[cell]
            starts.append(start + Int32(truncatingIfNeeded: places[cell]))
            places[cell] = Int(start)
        }
        points = [Int32](repeating: 0, count: positions.count)
        cellOfPlace = points
        for (point, slot) in slotOfPoint.enumerated() {
            let cell = Int(slotCells[Int(slot)])
            points[places[cell]] = Int32(truncatingIfNeeded: point)
            cellOfPlace[places[cell]] = Int32(truncatingIfNeeded: cell)
            places[cell] += 1
        }
        findRanges()
    }

    /// The most points in and around a cell.
    private(set) var mostPointsAround = 0

    /// Passes on the ranges of points in the 27 cells in and around the one of a point, given by its place: where each begins
    /// and where it has ended.
    func withRanges<Result>(
        aroundPlace place: Int, _ use: (_ bounds: UnsafePointer<Int32>, _ count: Int) -> Result
    ) -> Result {
        let cell = Int(cellOfPlace[place])
        let (first, end) = (rangeStarts[cell], rangeStarts[cell + 1])
        return rangeBounds.withUnsafeBufferPointer { use($0.baseAddress! + 2 * first, end - first) }
    }

    private mutating func findRanges() {
        for cell in keys.indices {
            let first = rangeBounds.count
            var points = 0
            for x in -1...1 {
                for y in -1...1 {
                    for z in -1...1 {
                        let key = keys[cell] &+ UInt64(bitPattern: Int64(x << 42 + y << 21 + z))
                        let slot = CellGrid.slot(of: key, in: slotKeys)
                        guard slotKeys[slot] == key else { continue }
                        let other = Int(slotCells[slot])
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

    /// The slot of a key, or the empty slot where it belongs; at most half of the slots are taken.
    private static func slot(of key: UInt64, in keys: [UInt64]) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & (keys.count - 1)
        while keys[slot] != key, keys[slot] != emptyKey {
            slot = (slot + 1) & (keys.count - 1)
        }
        return slot
    }
}
