import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

/// Checks of what must hold in periodic cells.
///
/// Of systems that have no volume, or are large, some atoms are put into triclinic cells in which they meet their own images, with
/// every combination of directions in turn.
extension ModelChecks {
    /// The periodic systems of the user; of one that has no volume, or is large, one that is made of it.
    ///
    /// The cells are 0.4 cutoffs wider than the atoms that are taken, so that these do not overlap. At most eight neighbouring
    /// atoms are taken, since supercells have eight times as many and strains are many.
    func periodicSystems() throws -> [AtomicSystem] {
        var generator = SeededGenerator(seed: seed)
        return try systems.enumerated().map { k, system in
            if system.volume != nil, system.count <= Self.atomLimit { return system }
            // The first atom is at the origin.
            let atoms = system.positions.indices.sorted { first, second in
                let squares = [first, second].map { (system.positions[$0] * system.positions[$0]).sum() }
                return (squares[0], first) < (squares[1], second)
            }.prefix(8)
            let positions = atoms.map { system.positions[$0] }
            let low = positions.dropFirst().reduce(positions[0]) { pointwiseMin($0, $1) }
            let size = positions.dropFirst().reduce(positions[0]) { pointwiseMax($0, $1) } - low + 0.4 * cutoffRadius
            let skew = SIMD3(generator.uniform(), generator.uniform(), generator.uniform()) * 0.3
            let vectors = [
                SIMD3(size.x, 0, 0), SIMD3(skew.x * size.x, size.y, 0), SIMD3(skew.y * size.x, skew.z * size.y, size.z),
            ]
            // 1 to 7: every combination but that of no direction; every other cell is left-handed.
            let flags = (0..<3).map { (7 - k % 7) >> $0 & 1 == 1 }
            let isLeft = k % 2 == 1
            let cell = try Cell(
                vectors: isLeft ? [vectors[1], vectors[0], vectors[2]] : vectors,
                isPeriodicAlong: isLeft ? [flags[1], flags[0], flags[2]] : flags)
            return try AtomicSystem(
                numbers: atoms.map { system.numbers[$0] }, positions: positions, cell: cell, charge: system.charge,
                spinMultiplicity: system.spinMultiplicity)
        }
    }

    /// Larger systems are not copied into supercells.
    private static let atomLimit = 500

    /// σ = (1/V) ∂E/∂ε against central differences of strained cells, for all nine components.
    ///
    /// A strain of 10⁻⁵ moves atoms in a cell of some cutoffs by as much as the steps of the check of forces, so its bounds
    /// hold here.
    func stress() throws -> CheckResult {
        var worst = WorstError()
        let strains = Self.steps(1e-5)
        for system in try periodicSystems() {
            let prediction = try predict([system])[0]
            guard let stress = prediction.stress, let volume = system.volume else {
                worst.record(.nan, allowed: 1)
                continue
            }
            let scale = PredictionScale(model, system, prediction)
            // The energy changes by forces times distances up to the cutoff.
            let rounding = PredictionScale.rounding(system) * Double(system.count) * scale.force / strains[0]
            let bound = (1e-6 * (scale.energy + scale.force * cutoffRadius) + rounding) / volume
            for component in 0..<9 {
                let error = try Self.error(ofSlope: stress[component] * volume, steps: strains) { distances in
                    try predict(
                        distances.map { distance in
                            var strain = [SIMD3<Double>](repeating: .zero, count: 3)
                            strain[component / 3][component % 3] = distance
                            return try system.strained(by: strain)
                        }
                    ).map(\.energy)
                }
                worst.record(error / volume, allowed: bound)
            }
        }
        return worst.result(
            "stress", "largest difference between a stress component and the slope of the energy with the strain",
            unit: model.units.stress.symbol)
    }

    /// Twice the cell along every periodic direction has as many times the energy and the same forces and stress.
    func supercells() throws -> [CheckResult] {
        var worst = WorstErrors()
        for system in try periodicSystems() {
            guard let cell = system.cell else { continue }
            var (positions, vectors) = (system.positions, cell.vectors)
            for axis in 0..<3 where cell.isPeriodicAlong[axis] {
                positions += positions.map { $0 + cell.vectors[axis] }
                vectors[axis] = 2 * vectors[axis]
            }
            let copies = positions.count / system.count
            // A charge is that of a cell, so it is multiplied too; a multiplicity is not known then.
            let large = try AtomicSystem(
                numbers: (0..<copies).flatMap { _ in system.numbers }, positions: positions,
                cell: Cell(vectors: vectors, isPeriodicAlong: cell.isPeriodicAlong))
            let small = try AtomicSystem(numbers: system.numbers, positions: system.positions, cell: cell)
            let (one, many) = (try predict([small])[0], try predict([large])[0])
            var expected = Prediction(
                energy: Double(copies) * one.energy, forces: (0..<copies).flatMap { _ in one.forces })
            expected.further[.stress] = one.stress
            worst.compare(large, model, expected, many, energyBound: 1e-9, forceBound: 1e-9)
        }
        return worst.results("supercell", "from a cell to a supercell", units: model.units)
    }

    /// Nothing changes when atoms are listed in other cells.
    func wrapping() throws -> [CheckResult] {
        var (worst, generator) = (WorstErrors(), SeededGenerator(seed: seed))
        for system in try periodicSystems() {
            guard let cell = system.cell else { continue }
            let moved = try system.moved(
                to: system.positions.map { position in
                    (0..<3).filter { cell.isPeriodicAlong[$0] }.reduce(position) {
                        $0 + Double(generator.index(below: 7) - 3) * cell.vectors[$1]
                    }
                })
            worst.compare(
                system, model, try predict([system])[0], try predict([moved])[0], energyBound: 1e-9, forceBound: 1e-9)
        }
        return worst.results("wrapping", "when atoms are moved by lattice vectors", units: model.units)
    }

    /// A molecule in a box so large that it does not see its images is the isolated molecule, without stress between
    /// cells.
    func largeBox() throws -> [CheckResult] {
        var worst = WorstErrors()
        for system in systems {
            // A crystal is cut out of its surroundings: alone it is a molecule as any other.
            let free = try AtomicSystem(
                numbers: system.numbers, positions: system.positions, charge: system.charge,
                spinMultiplicity: system.spinMultiplicity)
            let extent = free.positions.reduce(0) { largest, position in
                let vector = position - free.positions[0]
                return max(largest, (vector * vector).sum().squareRoot())
            }
            let side = 2 * extent + 1.001 * (model.pairLists.map(\.cutoff).max() ?? cutoffRadius)
            let cell = try Cell(
                vectors: [SIMD3(side, 0, 0), SIMD3(0.3 * side, side, 0), SIMD3(0, -0.2 * side, side)],
                isPeriodicAlong: [true, true, true])
            worst.compare(
                free, model, try predict([free])[0], try predict([free.inCell(cell)])[0], energyBound: 1e-9,
                forceBound: 1e-9)
        }
        return worst.results("large box", "from a molecule to one in a large box", units: model.units)
    }
}
