import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// What atoms see of each other: nothing beyond the cutoff, and all within.
@Suite struct NeighborhoodTests {
    private func predict(
        _ model: EnergyModel, _ systems: [AtomicSystem], _ precision: Precision = .float64
    ) throws -> [Prediction] {
        try Predictor(model, on: bestDevice(precision)).predict(systems)
    }

    @Test(arguments: Variant.all)
    func aMoleculeOfOneAtomHasEnergyAndNoForce(variant: Variant) throws {
        let model = variant.model()
        let atoms = try [1, 6].map { try AtomicSystem(numbers: [$0], positions: [SIMD3(1, 2, 3)]) }
        let predictions = try predict(model, atoms)
        #expect(predictions.allSatisfy { $0.forces == [.zero] })
        #expect(predictions.allSatisfy { $0.energy.isFinite })
        // Carbon and hydrogen differ by more than their self-energies.
        let network = zip(predictions, atoms).map { $0.energy - model.selfEnergy(of: $1) }
        #expect(abs(network[0] - network[1]) > 1e-3)
        // Far from zero, where self-energies and the shift are all there is.
        #expect(abs(network[0] - 0.3) > 1e-6)
    }

    @Test(arguments: Variant.all)
    func anIsolatedAtomAddsItsOwnEnergy(variant: Variant) throws {
        let model = variant.model()
        var generator = SeededGenerator(seed: 3)
        let molecule = try randomMolecule(6, &generator)
        let atom = try AtomicSystem(numbers: [8], positions: [SIMD3(100, 0, 0)])
        let both = try AtomicSystem(
            numbers: molecule.numbers + atom.numbers, positions: molecule.positions + atom.positions)
        let found = try predict(model, [molecule, atom, both])
        // Energies are some thousand electronvolts, which float64 rounds at 10⁻¹².
        #expect(abs(found[2].energy - found[0].energy - found[1].energy) < 1e-10)
        #expect(found[2].forces[6] == .zero)
        #expect(relativeError(found[2...].flatForces.dropLast(3), found[..<1].flatForces) < 1e-12)
    }

    @Test(arguments: Variant.all)
    func atomsExactlyAtTheCutoffDoNotSeeEachOther(variant: Variant) throws {
        let model = variant.model()
        let single = try AtomicSystem(numbers: [6], positions: [.zero])
        func pair(_ distance: Double) throws -> AtomicSystem {
            try AtomicSystem(numbers: [6, 6], positions: [.zero, SIMD3(distance, 0, 0)])
        }
        let cutoff = variant.potential.cutoff
        let found = try predict(model, [single, try pair(cutoff), try pair(cutoff.nextDown), try pair(cutoff - 1)])
        #expect(abs(found[1].energy - 2 * found[0].energy) < 1e-11)
        #expect(found[1].forces == [.zero, .zero])
        #expect(abs(found[2].energy - found[1].energy) < 1e-11)
        #expect(found[2].forces.largestComponent < 1e-12)
        #expect(abs(found[3].energy - found[1].energy) > 1e-6)
        #expect(found[3].forces.largestComponent > 1e-6)
    }

    @Test(arguments: Variant.all)
    func anElementChangesTheEnergiesOfItsNeighbors(variant: Variant) throws {
        let model = variant.model()
        let graph = model.graph
        let executor = Executor(
            program: compile(outputs: [graph.atomicEnergy]), precision: .float64, threads: 1,
            instructionSet: bestInstructionSet)
        // The second atom is within the cutoff of 4, the third beyond the reach of all interactions.
        let positions = [SIMD3(0, 0, 0), SIMD3(1.5, 0, 0), SIMD3(20, 0, 0)]
        let energies = try [1, 7].map { number in
            let system = try AtomicSystem(numbers: [number, 6, 8], positions: positions)
            return try executor.run(chunks: 1, parameters: Numbers(model.parameters, precision: .float64)) { _, chunk in
                try chunk.fill(with: [system], cutoff: 4)
            }[0][0]
        }
        #expect(abs(energies[0][1] - energies[1][1]) > 1e-4)
        #expect(energies[0][2] == energies[1][2])
    }

    @Test(arguments: Variant.all)
    func atomsOnOnePointAreRefused(variant: Variant) throws {
        let place = SIMD3(0.5, 1, 2)
        let system = try AtomicSystem(numbers: [1, 6, 8], positions: [place, .zero, place])
        let error = #expect(throws: AtomicSystemError.self) { _ = try predict(variant.model(), [system]) }
        guard case .atomsCoincide(first: 0, second: 2, _, _) = error else {
            Issue.record("unexpected error \(String(describing: error))")
            return
        }
    }
}
