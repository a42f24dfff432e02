import CApusKernels

/// Points in the order of the cells that they are in, in single precision: enough to leave out most of those farther apart
/// than a distance.
///
/// Kernels read its memory; it is a class, so that the memory stands still.
final class SearchGrid {
    private let cells: CellGrid
    /// Coordinates from the least corner.
    private let x, y, z: UnsafeMutablePointer<Float>
    /// The point of each rank, its position in the order of cells.
    private let points: UnsafeMutablePointer<Int32>
    private var rankOfPoint: [Int32]
    /// What is found near a point, and the same ascending.
    private let found, sorted: UnsafeMutablePointer<Int32>
    /// The square of the distance and of what rounding may add.
    private let limit: Double
    /// The best kernels of this machine, or those that APUS_ISA names; all find the same. A table of functions never changes.
    private nonisolated(unsafe) static let kernels = apus_kernels_preferred(Int32(MemoryLayout<Float>.size)).pointee

    /// What kernels may read beyond the end, in numbers.
    private static let margin = 16
    /// More numbers are sorted by a method for many.
    private static let fewNumbers = 512

    init(_ positions: [SIMD3<Double>], within distance: Double) {
        cells = CellGrid(positions, cutoff: distance)
        let count = positions.count + Self.margin
        func memory<Number: Numeric>(_ count: Int) -> UnsafeMutablePointer<Number> {
            let start = UnsafeMutablePointer<Number>.allocate(capacity: count)
            start.initialize(repeating: 0, count: count)
            return start
        }
        (x, y, z) = (memory(count), memory(count), memory(count))
        points = memory(count)
        let most = cells.mostPointsAround + Self.margin
        (found, sorted) = (memory(most), memory(most))
        rankOfPoint = [Int32](repeating: 0, count: positions.count)
        var largest: Float = 0
        for (rank, point) in cells.points.enumerated() {
            // Points too far away for single precision may stand anywhere far away.
            let offset = pointwiseMin(positions[Int(point)] - cells.corner, SIMD3(repeating: 1e15))
            (x[rank], y[rank], z[rank]) = (Float(offset.x), Float(offset.y), Float(offset.z))
            points[rank] = point
            rankOfPoint[Int(point)] = Int32(truncatingIfNeeded: rank)
            largest = max(largest, x[rank], y[rank], z[rank])
        }
        // Each coordinate is off by half a unit in the last place, and so is their difference; squares and their sum round too.
        let bound = distance + 4 * Double(largest.ulp)
        limit = bound * bound * (1 + 1e-6)
    }

    deinit {
        for start in [x, y, z] { start.deallocate() }
        for start in [points, found, sorted] { start.deallocate() }
    }

    /// More points are never found behind one.
    var mostPoints: Int { cells.mostPointsAround }

    /// The points behind one, by number, that are within the distance or hardly farther, ascending; until the next call.
    func points(behind point: Int32) -> UnsafeBufferPointer<Int32> {
        let rank = Int(rankOfPoint[Int(point)])
        let count = cells.withRanges(aroundRank: rank) { ranges, number in
            withUnsafePointer(to: (x[rank], y[rank], z[rank])) { at in
                Self.kernels.numbers_near(number, ranges, x, y, z, points, at, limit, point, found)
            }
        }
        guard count <= Self.fewNumbers else {
            var found = UnsafeMutableBufferPointer(start: found, count: count)
            found.sort()
            return UnsafeBufferPointer(found)
        }
        Self.kernels.sort_distinct(count, found, sorted)
        return UnsafeBufferPointer(start: sorted, count: count)
    }
}
