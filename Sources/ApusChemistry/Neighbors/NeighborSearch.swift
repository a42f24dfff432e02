/// Finds for each atom the images behind its own that lie within a distance.
///
/// The distances are those of the images' positions, which are a little off in periodic systems, and the bound is that
/// much wider: whoever makes pairs of the images compares once more.
struct NeighborSearch {
    private let images: PeriodicImages
    /// The square of the distance.
    private let limit: Double
    private let grid: SearchGrid?

    /// From about this number of images on, cells are faster than comparing all.
    private static let cellThreshold = 500

    /// Whether cells are faster for so many images.
    static func prefersCells(_ images: Int) -> Bool { images >= cellThreshold }

    /// Prepares a search by cells or by comparison; both find what is within the distance, cells perhaps a little more.
    ///
    /// - Parameter usingCells: The method; nil for the faster one.
    init(_ images: PeriodicImages, within distance: Double, usingCells: Bool? = nil) {
        let bound = distance + images.uncertainty
        self.images = images
        // Rounding of the square and of its root.
        limit = images.lattice == nil ? distance * distance : bound * bound * (1 + 1e-14)
        let usesCells = usingCells ?? Self.prefersCells(images.positions.count)
        grid = usesCells ? SearchGrid(images.positions, within: bound) : nil
    }

    /// Visits the atoms in order, each with the images found for it, ascending.
    func forEachAtom(_ visit: (_ atom: Int, _ images: UnsafeBufferPointer<Int32>) -> Void) {
        visitAtoms(images.homes.indices, visit)
    }

    /// About how many images are found for all atoms: from some of them, with a margin.
    var estimate: Int {
        let atoms = images.homes.count
        var (seen, found) = (0, 0)
        let some = stride(from: 0, to: atoms, by: max(1, atoms / 500))
        visitAtoms(some) { (seen, found) = (seen + 1, found + $1.count) }
        return seen == 0 ? 0 : Int(1.1 * Double(found) / Double(seen) * Double(atoms)) + 16
    }

    /// More images are never found for an atom.
    var mostImages: Int { grid?.mostPoints ?? images.positions.count }

    private func visitAtoms(
        _ atoms: some Sequence<Int>, _ visit: (_ atom: Int, _ images: UnsafeBufferPointer<Int32>) -> Void
    ) {
        if let grid {
            for atom in atoms { visit(atom, grid.points(behind: images.homes[atom])) }
        } else {
            compare(atoms, visit)
        }
    }

    /// Compares atoms with every image behind their own.
    private func compare(
        _ atoms: some Sequence<Int>, _ visit: (_ atom: Int, _ images: UnsafeBufferPointer<Int32>) -> Void
    ) {
        let count = images.positions.count
        images.positions.withUnsafeBufferPointer { positions in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { found in
                for atom in atoms {
                    let home = Int(images.homes[atom])
                    let origin = positions[home]
                    var number = 0
                    for image in home + 1..<count {
                        let vector = positions[image] - origin
                        // Without a branch: every candidate is written, and the place moves on only for near ones.
                        found[number] = Int32(truncatingIfNeeded: image)
                        number &+= (vector * vector).sum() < limit ? 1 : 0
                    }
                    visit(atom, UnsafeBufferPointer(rebasing: found[..<number]))
                }
            }
        }
    }
}
