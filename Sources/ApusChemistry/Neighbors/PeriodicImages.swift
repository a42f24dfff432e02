/// The atoms of a system, moved into the cell, with all images that can lie within a cutoff of one of them.
///
/// Images are sorted by atom, and those of an atom by S, component by component. So the images behind the one of an atom
/// in the cell are those with which it makes pairs (i, j, S) of which each is listed once: of every atom j > i all, of
/// itself those with S > 0.
struct PeriodicImages {
    /// An image of an atom, together in memory: pairs are made of images in no order.
    struct Image {
        /// Where the atom is.
        private let x, y, z: Double
        let atom: Int32
        private let a, b, c: Int32

        init(of atom: Int, at position: SIMD3<Double>, shift: SIMD3<Int32> = .zero) {
            (x, y, z) = (position.x, position.y, position.z)
            self.atom = Int32(truncatingIfNeeded: atom)
            (a, b, c) = (shift.x, shift.y, shift.z)
        }

        /// Where the atom is.
        var position: SIMD3<Double> { SIMD3(x, y, z) }
        /// S of the image, which stands at r + S h.
        var shift: SIMD3<Int32> { SIMD3(a, b, c) }
    }

    /// Where each image is; a little off by rounding in periodic systems.
    private(set) var positions: [SIMD3<Double>]
    /// The images.
    private(set) var images: [Image]
    /// The image in the cell of each atom.
    private(set) var homes: [Int32]
    /// How far positions may be off.
    private(set) var uncertainty = 0.0
    /// The lattice; nil for systems that are not periodic.
    let lattice: Lattice?

    /// More images are not listed for a system of few atoms, each of which takes 64 bytes, and for a large one not more
    /// for each atom.
    private static let (limit, limitOfAtom) = (1 << 22, 64)
    /// More images of an atom come of no cell of matter, even within 50 Å.
    private static let most = Double(1 << 18)

    /// - Throws: ``AtomicSystemError/imagesCoincide(first:second:elements:image:distance:)`` where images of one atom are
    ///   nearer than the minimum distance, ``AtomicSystemError/atomFarFromCell(atom:)`` or
    ///   ``AtomicSystemError/cellTooSmall(cutoff:)``.
    init(of system: AtomicSystem, within cutoff: Double, _ minimumDistance: Double) throws(AtomicSystemError) {
        guard let cell = system.cell, cell.isPeriodic else {
            lattice = nil
            positions = system.positions
            images = system.positions.enumerated().map { Image(of: $0, at: $1) }
            homes = Array(0..<Int32(truncatingIfNeeded: system.count))
            return
        }
        let lattice = Lattice(cell)
        self.lattice = lattice
        if let own = lattice.shortest, own.distance < minimumDistance, let element = system.elements.first {
            throw .imagesCoincide(
                first: 0, second: 0, elements: [element, element], image: own.image, distance: own.distance)
        }
        (positions, images, homes) = ([], [], [])
        homes.reserveCapacity(system.count)
        // A little more than the cutoff, for the rounding of coordinates.
        let reach = lattice.heights.map { 1.000_001 * cutoff / $0 + 1e-6 }
        let imagesOfAtom = reach.reduce(1) { $0 * (2 * $1 + 1) }
        let number = Double(system.count) * imagesOfAtom
        guard imagesOfAtom <= Self.most, number <= Double(max(Self.limit, Self.limitOfAtom * system.count)) else {
            throw .cellTooSmall(cutoff: cutoff)
        }
        positions.reserveCapacity(Int(number))
        images.reserveCapacity(Int(number))
        var largest = 0.0
        var own: [SIMD3<Int32>] = []
        for (atom, position) in system.positions.enumerated() {
            // How many cells the atom is out, and where it is in the cell, along each short vector.
            var (low, high) = (SIMD3<Int>.zero, SIMD3<Int>.zero)
            var home = SIMD3<Int>.zero
            for (k, dual) in lattice.dual.enumerated() {
                let coordinate = dot(position, dual)
                let cells = coordinate.rounded(.down)
                guard abs(cells) < 1e9 else { throw .atomFarFromCell(atom: atom) }
                let rest = coordinate - cells
                home[k] = -Int(cells)
                low[k] = home[k] + Int((-reach[k] - rest).rounded(.up))
                high[k] = home[k] + Int((1 + reach[k] - rest).rounded(.down))
            }
            func shift(_ x: Int, _ y: Int, _ z: Int) throws(AtomicSystemError) -> SIMD3<Int32> {
                var sum = SIMD3<Int>.zero
                for (k, factor) in [x, y, z].prefix(lattice.multiples.count).enumerated() {
                    sum &+= factor &* lattice.multiples[k]
                }
                let shift = SIMD3<Int32>(truncatingIfNeeded: sum)
                guard SIMD3<Int>(truncatingIfNeeded: shift) == sum, sum.x.magnitude < 1 << 30,
                    sum.y.magnitude < 1 << 30,
                    sum.z.magnitude < 1 << 30
                else { throw .atomFarFromCell(atom: atom) }
                return shift
            }
            own.removeAll(keepingCapacity: true)
            for x in low.x...high.x {
                for y in low.y...high.y {
                    for z in low.z...high.z { own.append(try shift(x, y, z)) }
                }
            }
            if lattice.isReduced { own.sort { ($0.x, $0.y, $0.z) < ($1.x, $1.y, $1.z) } }
            let inside = try shift(home.x, home.y, home.z)
            for shift in own {
                if shift == inside { homes.append(Int32(truncatingIfNeeded: images.count)) }
                let image = position + lattice.vector(shift)
                positions.append(image)
                images.append(Image(of: atom, at: position, shift: shift))
                largest = max(largest, abs(image.x), abs(image.y), abs(image.z))
            }
            largest = max(largest, abs(position.x), abs(position.y), abs(position.z))
        }
        // Products of S and h, their sum, and the differences of positions each round once.
        uncertainty = 64 * largest.ulp
    }
}
