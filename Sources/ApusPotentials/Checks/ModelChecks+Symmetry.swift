import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

extension ModelChecks {
    /// Random rotations and reflections for each system.
    private static let repetitions = 4

    /// Energies stay and forces turn with the atoms.
    ///
    /// Every second turn is a reflection too.
    func rotation() throws -> [CheckResult] {
        var generator = SeededGenerator(seed: seed)
        return try compareTransformed("rotation", "when the system is turned or reflected") { k, system in
            let turn = OrthogonalMatrix.random(reflecting: !k.isMultiple(of: 2), &generator)
            let cell = try system.cell.map { cell in
                try Cell(vectors: cell.vectors.map { turn($0) }, isPeriodicAlong: cell.isPeriodicAlong)
            }
            let turned = try system.inCell(cell).moved(to: system.positions.map { turn($0) })
            return (turned, { $0.map { turn($0) } })
        }
    }

    /// Nothing changes when a system is shifted.
    ///
    /// Shifts are some ten cutoffs, small enough to keep the digits of the positions.
    func translation() throws -> [CheckResult] {
        var generator = SeededGenerator(seed: seed)
        return try compareTransformed("translation", "when the system is shifted") { _, system in
            let shift = 10 * cutoffRadius * SIMD3(generator.normal(), generator.normal(), generator.normal())
            return (try system.translated(by: shift), { $0 })
        }
    }

    /// Energies stay, forces go with their atoms.
    func permutation() throws -> [CheckResult] {
        var generator = SeededGenerator(seed: seed)
        return try compareTransformed("permutation", "when the atoms are reordered") { _, system in
            var order = Array(0..<system.count)
            generator.shuffle(&order)
            let reordered = try AtomicSystem(
                numbers: order.map { system.numbers[$0] }, positions: order.map { system.positions[$0] },
                cell: system.cell, charge: system.charge, spinMultiplicity: system.spinMultiplicity)
            return (reordered, { forces in order.map { forces[$0] } })
        }
    }

    /// A system has the same energy and forces alone and among others.
    func batches() throws -> [CheckResult] {
        var worst = WorstErrors()
        for (system, together) in zip(systems, try predict(systems)) {
            worst.compare(
                system, model, try predict([system])[0], together, energyBound: 1e-9, forceBound: 1e-9)
        }
        return worst.results("batch", "when systems are computed together", units: model.units)
    }

    /// Float32, in which molecules are simulated, against float64.
    ///
    /// Float32 keeps 7 digits; sums over features, neighbours and layers cost one or two of them, and forces are
    /// differences of larger terms, so that 10⁻⁴ is allowed.
    func singlePrecision() throws -> [CheckResult] {
        let predictor = Predictor(model, withHeads: false, on: device.with(.float32))
        var worst = WorstErrors()
        for ((system, exact), rounded) in zip(zip(systems, try predict(systems)), try predictor.predict(systems)) {
            worst.compare(system, model, exact, rounded, energyBound: 1e-4, forceBound: 1e-4)
        }
        return worst.results("float32", "from float64 to float32", units: model.units)
    }

    /// Compares systems with transformed ones; `transform` returns the new system and what happens to forces.
    private func compareTransformed(
        _ name: String, _ what: String,
        _ transform: (Int, AtomicSystem) throws -> (AtomicSystem, ([SIMD3<Double>]) -> [SIMD3<Double>])
    ) throws -> [CheckResult] {
        var worst = WorstErrors()
        for (system, prediction) in zip(systems, try predict(systems)) {
            for k in 0..<Self.repetitions {
                let (transformed, transformForces) = try transform(k, system)
                let expected = Prediction(energy: prediction.energy, forces: transformForces(prediction.forces))
                worst.compare(
                    transformed, model, expected, try predict([transformed])[0], energyBound: 1e-9, forceBound: 1e-9)
            }
        }
        return worst.results(name, what, units: model.units)
    }
}

/// A rotation, or a rotation with a reflection.
struct OrthogonalMatrix {
    private let rows: [SIMD3<Double>]

    func callAsFunction(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3((rows[0] * vector).sum(), (rows[1] * vector).sum(), (rows[2] * vector).sum())
    }

    /// Uniformly distributed: normal vectors, made orthonormal (Gram and Schmidt).
    static func random(reflecting: Bool, _ generator: inout SeededGenerator) -> OrthogonalMatrix {
        func unit(_ vector: SIMD3<Double>) -> SIMD3<Double> { vector / (vector * vector).sum().squareRoot() }
        let a = unit(SIMD3(generator.normal(), generator.normal(), generator.normal()))
        let other = SIMD3(generator.normal(), generator.normal(), generator.normal())
        let b = unit(other - (other * a).sum() * a)
        let c = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
        return OrthogonalMatrix(rows: [a, b, reflecting ? -c : c])
    }
}
