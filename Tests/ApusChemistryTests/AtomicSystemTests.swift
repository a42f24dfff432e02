import ApusChemistry
import Testing

struct AtomicSystemTests {
    private func water() throws -> AtomicSystem {
        try AtomicSystem(
            numbers: [8, 1, 1], positions: [.zero, SIMD3(0.76, 0.59, 0), SIMD3(-0.76, 0.59, 0)], spinMultiplicity: 1)
    }

    @Test func composition() throws {
        let (hydrogen, oxygen) = (try Element(symbol: "H"), try Element(symbol: "O"))
        #expect(try water().composition == [hydrogen: 2, oxygen: 1])
        #expect(try water().elements == [oxygen, hydrogen, hydrogen])
        #expect(try water().count == 3)
    }

    @Test func centerOfMass() throws {
        let system = try water()
        #expect(isClose(system.mass, 18.015))
        let expected = 2 * 1.008 * 0.59 / 18.015
        #expect(system.centerOfMass.x == 0 && system.centerOfMass.z == 0)
        #expect(isClose(system.centerOfMass.y, expected))
        let centred = try system.translated(by: -system.centerOfMass)
        #expect(abs(centred.centerOfMass.y) < 1e-16)
        #expect(centred.positions[1] - centred.positions[0] == SIMD3(0.76, 0.59 - expected + expected, 0))
        #expect(centred.numbers == system.numbers && centred.spinMultiplicity == 1)
        #expect(try AtomicSystem(numbers: [], positions: []).centerOfMass == .zero)
    }

    @Test func refusing() throws {
        func error(_ body: () throws -> Void) -> AtomicSystemError? {
            #expect(throws: AtomicSystemError.self, performing: body)
        }
        let counts = error { _ = try AtomicSystem(numbers: [1, 1], positions: [.zero]) }
        #expect(counts == .countsDiffer(numbers: 2, positions: 1))
        #expect(counts?.description.contains("2 atomic numbers but 1 positions") == true)

        for number in [0, 119, -6] {
            let element = error { _ = try AtomicSystem(numbers: [1, number], positions: [.zero, .one]) }
            #expect(element == .unknownElement(atom: 1, atomicNumber: number))
            #expect(element?.description.contains("atom 1 (counted from 0)") == true)
            #expect(element?.description.contains("atomic number \(number);") == true)
        }
        let position = error { _ = try AtomicSystem(numbers: [6], positions: [SIMD3(0, .infinity, 1)]) }
        #expect(position == .positionNotFinite(atom: 0, atomicNumber: 6, position: SIMD3(0, .infinity, 1)))
        #expect(position?.description.contains("atom 0 (C, counted from 0) has the position (0.0, inf, 1.0)") == true)
        let notANumber = error { _ = try AtomicSystem(numbers: [6], positions: [SIMD3(0, 0, .nan)]) }
        #expect(notANumber?.description.contains("nan") == true)

        let spin = error { _ = try AtomicSystem(numbers: [], positions: [], spinMultiplicity: 0) }
        #expect(spin == .spinMultiplicityNotPositive(0))
        #expect(spin?.description.contains("spin multiplicity is 0") == true)
        let moved = error { _ = try self.water().moved(to: [.zero]) }
        #expect(moved == .countsDiffer(numbers: 3, positions: 1))
        let overflow = error {
            let far = SIMD3<Double>(repeating: .greatestFiniteMagnitude)
            _ = try AtomicSystem(numbers: [1], positions: [far]).translated(by: far)
        }
        #expect(overflow?.description.contains("must be finite") == true)
    }

    @Test func cells() throws {
        let cube = try Cell(
            vectors: [SIMD3(2, 0, 0), SIMD3(1, 2, 0), SIMD3(0, 1, 2)], isPeriodicAlong: [false, false, true])
        #expect(cube.volume == 8)
        #expect(cube.isPeriodic)
        let flat = [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(1, 1, 1e-7)]
        #expect(throws: AtomicSystemError.flatCell) { try Cell(vectors: flat, isPeriodicAlong: [true, true, true]) }
        #expect(AtomicSystemError.flatCell.description.contains("enclose no volume"))
        for flags in [[true, true, false], [false, true, true], [true, false, false], [false, false, false]] {
            #expect(try Cell(vectors: flat, isPeriodicAlong: flags).isPeriodic == flags.contains(true))
        }
        let parallel = [SIMD3<Double>(1, 2, 0), SIMD3(0, 0, 1), SIMD3(-3e90, -6e90, 0)]
        #expect(throws: AtomicSystemError.flatCell) {
            try Cell(vectors: parallel, isPeriodicAlong: [true, false, true])
        }
        let slab = [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), .zero]
        #expect(try Cell(vectors: slab, isPeriodicAlong: [true, true, false]).volume == 0)
        let zero = #expect(throws: AtomicSystemError.latticeVectorZero(axis: 2)) {
            try Cell(vectors: slab, isPeriodicAlong: [true, true, true])
        }
        #expect(zero?.description.contains("periodic along the lattice vector c, which is zero") == true)
        let notFinite = #expect(throws: AtomicSystemError.self) {
            try Cell(vectors: [.zero, SIMD3(0, -.infinity, 1), .zero], isPeriodicAlong: [false, false, false])
        }
        #expect(notFinite?.description.contains("lattice vector b is (0.0, -inf, 1.0)") == true)
        // Its volume would overflow.
        #expect(throws: AtomicSystemError.latticeVectorNotFinite(axis: 0, vector: SIMD3(1e200, 0, 0))) {
            try Cell(
                vectors: [SIMD3(1e200, 0, 0), SIMD3(0, 1e200, 0), SIMD3(0, 0, 1e200)],
                isPeriodicAlong: [true, true, true])
        }
        let left = try Cell(
            vectors: [SIMD3(0, 2, 0), SIMD3(2, 0, 0), SIMD3(0, 0, 3)], isPeriodicAlong: [true, true, true])
        #expect(left.volume == 12)
    }

    /// r → r (1 + ε) with rows as vectors, for atoms and cell alike.
    @Test func strains() throws {
        let cell = try Cell(
            vectors: [SIMD3(2, 0, 0), SIMD3(1, 2, 0), SIMD3(0, 1, 2)], isPeriodicAlong: [true, true, true])
        let system = try AtomicSystem(
            numbers: [8, 1], positions: [SIMD3(1, 2, 3), .zero], cell: cell, charge: -1, spinMultiplicity: 2)
        let strained = try system.strained(by: [SIMD3(0.1, 0.2, 0), SIMD3(0, 0, 0.3), SIMD3(0, 0, -0.5)])
        #expect(strained.positions[0] == SIMD3(1 + 0.1, 2 + 0.2, 3 + 2 * 0.3 - 3 * 0.5))
        #expect(strained.cell?.vectors[0] == SIMD3(2 + 0.2, 0.4, 0))
        #expect(strained.cell?.isPeriodicAlong == [true, true, true])
        #expect(strained.numbers == system.numbers && strained.charge == -1 && strained.spinMultiplicity == 2)
        #expect(system.inCell(nil).cell == nil && system.inCell(nil).positions == system.positions)
    }
}

extension SIMD3<Double> {
    fileprivate static let one = SIMD3(repeating: 1)
}
