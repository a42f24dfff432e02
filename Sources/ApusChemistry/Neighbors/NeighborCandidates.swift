/// For each atom the images behind its own that lie within a distance, ascending.
///
/// The distances are those of the images' positions, which are a little off in periodic systems, and the bound is that
/// much wider: whoever makes pairs of the candidates compares once more.
struct NeighborCandidates {
    /// The images of all atoms, one atom after the other.
    private(set) var images: [Int32] = []
    /// Where those of each atom end.
    private(set) var ends: [Int] = []

    /// From about this number of images on, cell lists are faster than comparing all.
    ///
    /// In a compact cluster with 50 neighbours per atom the two break even at 700 atoms, in an extended one earlier.
    private static let cellListThreshold = 500

    /// Whether cell lists are faster for so many images.
    static func prefersCells(_ images: Int) -> Bool { images >= cellListThreshold }

    /// Looks for candidates, by cell lists or by comparison; both find the same.
    ///
    /// - Parameter usingCells: The method; nil for the faster one.
    init(_ images: PeriodicImages, within distance: Double, usingCells: Bool? = nil) {
        let bound = distance + images.uncertainty
        // Rounding of the square and of its root.
        let square = images.lattice == nil ? distance * distance : bound * bound * (1 + 1e-14)
        if usingCells ?? Self.prefersCells(images.positions.count) {
            search(images, distance: bound, square)
        } else {
            compare(images, square)
        }
    }

    /// Compares every atom with every image behind its own.
    private mutating func compare(_ images: PeriodicImages, _ limit: Double) {
        let count = images.positions.count
        images.positions.withUnsafeBufferPointer { positions in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { found in
                for home in images.homes {
                    let origin = positions[Int(home)]
                    var number = 0
                    for image in Int(home) + 1..<count {
                        let vector = positions[image] - origin
                        // Without a branch: every candidate is written, and the place moves on only for near ones.
                        found[number] = Int32(truncatingIfNeeded: image)
                        number &+= (vector * vector).sum() < limit ? 1 : 0
                    }
                    self.images.append(contentsOf: UnsafeBufferPointer(rebasing: found[..<number]))
                    ends.append(self.images.count)
                }
            }
        }
    }

    /// Looks for the neighbours of each image among the atoms in the cells around it.
    ///
    /// One stable counting sort by atom, image by image, then gives the order in linear time.
    private mutating func search(_ images: PeriodicImages, distance: Double, _ limit: Double) {
        let grid = CellGrid(images.positions, cutoff: distance)
        let positions = grid.points.map { images.positions[Int($0)] }
        let atoms = AtomsByCell(images, positions, grid)
        // The atoms found for each image stand together, in the order of the grid.
        var found: [Int32] = []
        var rangeOfImage = [(start: Int, end: Int)](repeating: (0, 0), count: positions.count)
        var ranges: [Range<Int>] = []
        for cell in 0..<grid.count {
            grid.ranges(around: cell, into: &ranges)
            for place in grid.starts[cell]..<grid.starts[cell + 1] {
                let (image, start) = (grid.points[place], found.count)
                for range in ranges { atoms.append(in: range, near: positions[place], of: image, limit, to: &found) }
                rangeOfImage[Int(image)] = (start, found.count)
            }
        }
        sort(found, rangeOfImage, atoms: images.homes.count)
    }

    /// Sorts pairs of images and atoms by atom; those of an atom stay in the order of images.
    private mutating func sort(_ found: [Int32], _ rangeOfImage: [(start: Int, end: Int)], atoms: Int) {
        ends = [Int](repeating: 0, count: atoms)
        images = [Int32](repeating: 0, count: found.count)
        ends.withUnsafeMutableBufferPointer { places in
            images.withUnsafeMutableBufferPointer { sorted in
                for atom in found { places[Int(atom)] &+= 1 }
                var total = 0
                for atom in places.indices { (places[atom], total) = (total, total + places[atom]) }
                for (image, range) in rangeOfImage.enumerated() {
                    for place in range.start..<range.end {
                        let atom = Int(found[place])
                        sorted[places[atom]] = Int32(truncatingIfNeeded: image)
                        places[atom] &+= 1
                    }
                }
            }
        }
    }
}

/// The atoms themselves, without further images, in the order of a grid's cells, coordinate by coordinate.
private struct AtomsByCell {
    private var x: [Double] = []
    private var y: [Double] = []
    private var z: [Double] = []
    private var atoms: [Int32] = []
    /// The image in the cell of each.
    private var homes: [Int32] = []
    /// Where each cell starts, and the end.
    private var starts: [Int] = [0]

    init(_ images: PeriodicImages, _ positions: [SIMD3<Double>], _ grid: CellGrid) {
        for cell in 0..<grid.count {
            for place in grid.starts[cell]..<grid.starts[cell + 1] {
                let image = grid.points[place]
                let atom = images.atoms[Int(image)]
                guard images.homes[Int(atom)] == image else { continue }
                x.append(positions[place].x)
                y.append(positions[place].y)
                z.append(positions[place].z)
                atoms.append(atom)
                homes.append(image)
            }
            starts.append(atoms.count)
        }
    }

    /// Adds the atoms of some cells that are within a squared distance of an image and whose own come before it.
    func append(
        in cells: Range<Int>, near position: SIMD3<Double>, of image: Int32, _ limit: Double, to found: inout [Int32]
    ) {
        let range = starts[cells.lowerBound]..<starts[cells.upperBound]
        let count = range.count
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { squares in
            x.withUnsafeBufferPointer { x in
                y.withUnsafeBufferPointer { y in
                    z.withUnsafeBufferPointer { z in
                        for k in 0..<count {
                            let place = range.lowerBound &+ k
                            let (dx, dy, dz) = (position.x - x[place], position.y - y[place], position.z - z[place])
                            squares[k] = dx * dx + dy * dy + dz * dz
                        }
                    }
                }
            }
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { near in
                var number = 0
                atoms.withUnsafeBufferPointer { atoms in
                    homes.withUnsafeBufferPointer { homes in
                        for k in 0..<count {
                            let place = range.lowerBound &+ k
                            // Without a branch: every candidate is written, and the place moves on only for near ones.
                            near[number] = atoms[place]
                            number &+= (squares[k] < limit ? 1 : 0) & (homes[place] < image ? 1 : 0)
                        }
                    }
                }
                found.append(contentsOf: UnsafeBufferPointer(rebasing: near[..<number]))
            }
        }
    }
}
