import ApusChemistry
import Testing

/// A molecule is found again in another place and orientation.
@Suite struct SuperpositionTests {
    private let molecule: [SIMD3<Double>] = [
        SIMD3(0, 0, 0), SIMD3(1.1, 0.2, -0.3), SIMD3(-0.4, 0.9, 0.5), SIMD3(0.3, -0.7, 1.2),
    ]

    /// A third of a turn about the diagonal maps x to y to z to x.
    private func turned(_ v: SIMD3<Double>) -> SIMD3<Double> { SIMD3(v.z, v.x, v.y) }

    @Test func aTurnedMoleculeComesBack() {
        let copy = molecule.map { turned($0) + SIMD3(5, -3, 2) }
        let superposition = Superposition(of: copy, onto: molecule)
        for (position, original) in zip(copy, molecule) {
            let difference = superposition.moved(position) - original
            #expect((difference * difference).sum() < 1e-28)
        }
        let vector = superposition.rotated(turned(SIMD3(1, 2, 3))) - SIMD3(1, 2, 3)
        #expect((vector * vector).sum() < 1e-28)
    }

    /// A mirror image is no rotation: some distance remains, and lengths are kept.
    @Test func mirrorImagesAreNotSuperposed() {
        let mirror = molecule.map { SIMD3(-$0.x, $0.y, $0.z) }
        let superposition = Superposition(of: mirror, onto: molecule)
        let left = zip(mirror, molecule).map { superposition.moved($0) - $1 }.reduce(0) { $0 + ($1 * $1).sum() }
        let length = superposition.rotated(SIMD3(1, 2, 3))
        #expect(left > 0.1 && abs((length * length).sum() - 14) < 1e-12)
    }

    /// Atoms on a line, and one atom alone, leave the rotation open, but give one.
    @Test func degenerateMolecules() {
        let line = [SIMD3<Double>(0, 0, 0), SIMD3(0, 0, 1.2)]
        let turned = [SIMD3<Double>(1, 0, 0), SIMD3(1, 1.2, 0)]
        let superposition = Superposition(of: turned, onto: line)
        for (position, original) in zip(turned, line) {
            let difference = superposition.moved(position) - original
            #expect((difference * difference).sum() < 1e-28)
        }
        let alone = Superposition(of: [SIMD3(1, 2, 3)], onto: [SIMD3(4, 5, 6)])
        #expect(alone.moved(SIMD3(1, 2, 3)) == SIMD3(4, 5, 6))
    }
}
