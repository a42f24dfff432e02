/// The periodic directions of a cell, in a basis of short vectors.
///
/// The lattice that some vectors make is made by shorter ones too, of which as few images as possible lie within a cutoff.
/// Each vector is shortened by whole multiples of the others as long as that helps, which is Gauss's reduction for two of
/// them and close to Minkowski's for three.
struct Lattice {
    /// What whole multiples of the vectors of a cell add up to.
    struct Translations {
        /// The vectors, zero along directions that are not periodic.
        let a, b, c: SIMD3<Double>

        /// S h, for whole multiples S of the cell's vectors h.
        subscript(shift: SIMD3<Int32>) -> SIMD3<Double> {
            Double(shift.x) * a + Double(shift.y) * b + Double(shift.z) * c
        }
    }

    let translations: Translations
    /// Short vectors of the same lattice, one for each periodic direction.
    private(set) var basis: [SIMD3<Double>]
    /// Each of them as a sum of the cell's vectors, in whole multiples.
    private(set) var multiples: [SIMD3<Int>]
    /// The dual vectors, which give the coordinate of a point along each short vector.
    private(set) var dual: [SIMD3<Double>]
    /// Whether the short vectors are others than those of the cell.
    private(set) var isReduced = false

    init(_ cell: Cell) {
        let vectors = (0..<3).map { cell.isPeriodicAlong[$0] ? cell.vectors[$0] : .zero }
        translations = Translations(a: vectors[0], b: vectors[1], c: vectors[2])
        let axes = (0..<3).filter { cell.isPeriodicAlong[$0] }
        basis = axes.map { cell.vectors[$0] }
        multiples = axes.map { axis in
            var unit = SIMD3<Int>.zero
            unit[axis] = 1
            return unit
        }
        dual = []
        reduce()
        dual = Self.dual(of: basis)
    }

    /// How far apart the planes are that images of a point lie in, along each short vector.
    var heights: [Double] { dual.map { 1 / $0.length } }

    /// How far a point is from the nearest image of its own, and the S of that image, the greater of S and −S; nil without
    /// a periodic direction.
    ///
    /// In a basis that is reduced, sums with the factors −1, 0 and 1 contain the shortest vector.
    var shortest: (distance: Double, image: SIMD3<Int32>)? {
        var found: (distance: Double, shift: SIMD3<Int>)?
        func add(_ k: Int, _ vector: SIMD3<Double>, _ shift: SIMD3<Int>) {
            guard k < basis.count else {
                if shift != .zero, vector.length < found?.distance ?? .infinity { found = (vector.length, shift) }
                return
            }
            for factor in [0, 1, -1] { add(k + 1, vector + Double(factor) * basis[k], shift &+ factor &* multiples[k]) }
        }
        add(0, .zero, .zero)
        return found.map { found in
            let shift = found.shift
            let isGreater = (shift.x, shift.y, shift.z) > (0, 0, 0)
            return (found.distance, SIMD3<Int32>(truncatingIfNeeded: isGreater ? shift : 0 &- shift))
        }
    }

    /// S h, for whole multiples S of the cell's vectors.
    func vector(_ shift: SIMD3<Int32>) -> SIMD3<Double> { translations[shift] }

    /// The whole multiples S of the cell's vectors whose S h is nearest to a vector.
    func shift(nearestTo vector: SIMD3<Double>) -> SIMD3<Int32> {
        var sum = SIMD3<Int>.zero
        for (dual, multiple) in zip(dual, multiples) { sum &+= Int(dot(vector, dual).rounded()) &* multiple }
        return SIMD3<Int32>(truncatingIfNeeded: sum)
    }

    private mutating func reduce() {
        var isShorter = true
        while isShorter {
            isShorter = false
            for k in basis.indices {
                for l in basis.indices where l != k {
                    let factor = (dot(basis[k], basis[l]) / dot(basis[l], basis[l])).rounded()
                    let shortened = basis[k] - factor * basis[l]
                    // A little less would be rounding, which could go on for ever.
                    guard factor != 0, abs(factor) < 1e9, shortened.length < (1 - 1e-9) * basis[k].length else {
                        continue
                    }
                    basis[k] = shortened
                    multiples[k] &-= Int(factor) &* multiples[l]
                    (isShorter, isReduced) = (true, true)
                }
            }
        }
    }

    private static func dual(of basis: [SIMD3<Double>]) -> [SIMD3<Double>] {
        var whole = basis
        // Perpendicular directions stand in for those that are not periodic.
        if whole.count == 1 {
            let size = SIMD3(abs(whole[0].x), abs(whole[0].y), abs(whole[0].z))
            let axis =
                size.x <= min(size.y, size.z) ? SIMD3(1.0, 0, 0) : size.y <= size.z ? SIMD3(0, 1, 0) : SIMD3(0, 0, 1)
            whole.append(cross(whole[0], axis))
        }
        if whole.count == 2 { whole.append(cross(whole[0], whole[1])) }
        guard whole.count == 3 else { return [] }
        let volume = dot(whole[0], cross(whole[1], whole[2]))
        let dual = [cross(whole[1], whole[2]), cross(whole[2], whole[0]), cross(whole[0], whole[1])]
        return dual.prefix(basis.count).map { $0 / volume }
    }
}
