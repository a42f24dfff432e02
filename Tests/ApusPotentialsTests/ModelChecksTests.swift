import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem
import Testing

@testable import ApusPotentials

@Suite struct ModelChecksTests {
    /// Forces, gradients, rotation, translation, permutation, batches, cells, cutoff and float32 of every potential.
    @Test(arguments: Variant.all)
    func potentialsPass(variant: Variant) throws {
        let results = try ModelChecks(
            variant.model(), on: try randomMolecules(), instructionSet: bestInstructionSet
        ).run()
        #expect(results.count == 23)
        for result in results { #expect(result.passed, "\(result)") }
        // Arithmetic rounds, so a check that finds no error at all has compared nothing.
        for name in [
            "forces", "parameter gradients", "rotation, forces", "stress", "supercell, stress", "float32, energy",
        ] {
            #expect(results.first { $0.name == name }!.worst > 0, "\(name)")
        }
    }

    /// The curvature of the energy jumps at the cutoff.
    @Test func pairsAtTheCutoffPass() throws {
        let pair = try AtomicSystem(numbers: [6, 8], positions: [.zero, SIMD3(4, 0, 0)])
        let checks = ModelChecks(Variant.all[4].model(), on: [pair], instructionSet: bestInstructionSet)
        #expect(try checks.run().allSatisfy(\.passed))
    }

    /// Coordinates that round much, because atoms are a million cells away or cells are huge, are no faults of a potential.
    @Test(arguments: [Variant.all[0], Variant.all[3]])
    func coordinatesThatRound(variant: Variant) throws {
        var generator = SeededGenerator(seed: 6)
        let molecule = try randomMolecule(9, &generator)
        let small = try Cell(
            vectors: [SIMD3(8, 0, 0), SIMD3(1, 8, 0), SIMD3(0, -1, 8)], isPeriodicAlong: [true, true, true])
        let far = try molecule.inCell(small).moved(
            to: molecule.positions.enumerated().map { $1 + Double(1_000_000 + $0) * small.vectors[$0 % 3] })
        let huge = molecule.inCell(
            try Cell(
                vectors: [SIMD3(1e7, 0, 0), SIMD3(1e6, 1e7, 0), SIMD3(0, 0, 1e7)], isPeriodicAlong: [true, true, true]))
        // Two parts far from each other, which no image brings together.
        let apart = try huge.moved(to: molecule.positions.enumerated().map { $1 + SIMD3($0 < 4 ? 0 : 3e6, 0, 0) })
        let shifted = try molecule.moved(to: molecule.positions.map { $0 + SIMD3(1e8, 0, -1e8) })
        for system in [far, huge, apart, shifted] {
            let checks = ModelChecks(variant.model(), on: [system], instructionSet: bestInstructionSet)
            for result in try checks.run() { #expect(result.passed, "\(result)") }
        }
    }

    /// Of a large crystal a few neighbouring atoms are strained and copied.
    @Test func largeSystems() throws {
        var generator = SeededGenerator(seed: 7)
        let cell = try Cell(
            vectors: [SIMD3(30, 0, 0), SIMD3(0, 30, 0), SIMD3(0, 0, 30)], isPeriodicAlong: [true, true, true])
        let crystal = try randomMolecule(600, &generator).inCell(cell)
        let checks = ModelChecks(Variant.all[0].model(), on: [crystal], instructionSet: bestInstructionSet)
        let parts = try checks.periodicSystems()
        #expect(parts.map(\.count) == [8])
        // Neighbours of the first atom, in whose density they have a cell.
        #expect(try #require(parts[0].volume) < 500)
        let results = try [checks.stress()] + checks.supercells() + checks.wrapping()
        #expect(results.allSatisfy(\.passed) && results[0].worst > 0, "\(results)")
    }

    /// A potential with a known fault and the checks that must find it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let failing: Set<String>
        let change: @Sendable (AtomicSystem, Int, inout Prediction) -> Void
    }

    @Test(arguments: [
        Fault(testDescription: "none", failing: []) { _, _, _ in },
        Fault(testDescription: "forces are 10⁻⁵ too long", failing: ["forces"]) { _, _, prediction in
            prediction.forces = prediction.forces.map { 1.00001 * $0 }
        },
        Fault(
            testDescription: "the energy depends on the direction",
            failing: ["forces", "rotation, energy"]
        ) { system, _, prediction in
            let vector = system.positions.last! - system.positions[0]
            prediction.energy += 1e-3 * vector.x
        },
        Fault(testDescription: "the energy depends on the place", failing: ["forces", "translation, energy"]) {
            system, _, prediction in
            prediction.energy += 1e-3 * system.positions.reduce(.zero, +).x
        },
        Fault(testDescription: "forces do not turn", failing: ["rotation, forces"]) { system, _, prediction in
            prediction.forces = prediction.forces.map { $0 + SIMD3(1e-7, 0, 0) }
        },
        Fault(testDescription: "the energy depends on the order", failing: ["permutation, energy"]) {
            system, _, prediction in
            prediction.energy += 1e-3 * Double(system.numbers[0])
        },
        Fault(testDescription: "forces depend on the order", failing: ["permutation, forces"]) {
            _, _, prediction in
            prediction.forces[0] *= 1.0000001
        },
        Fault(testDescription: "the energy depends on the batch", failing: ["batch, energy"]) {
            _, batch, prediction in
            prediction.energy += batch > 2 ? 1e-3 : 0
        },
        Fault(testDescription: "the stress has the other sign", failing: ["stress"]) { _, _, prediction in
            prediction.further[.stress] = prediction.stress?.map { -$0 }
        },
        Fault(testDescription: "the stress is not divided by the volume", failing: ["stress", "supercell, stress"]) {
            system, _, prediction in
            prediction.further[.stress] = prediction.stress?.map { $0 * (system.volume ?? 1) }
        },
        Fault(testDescription: "the energy depends on the cell", failing: ["supercell, energy", "large box, energy"]) {
            system, _, prediction in
            prediction.energy += system.volume == nil ? 0 : 1e-3
        },
        Fault(testDescription: "the energy depends on the cell of atoms", failing: ["wrapping, energy"]) {
            system, _, prediction in
            prediction.energy += system.positions.contains { abs($0.x) > 15 } ? 1e-3 : 0
        },
        Fault(testDescription: "not a number", failing: ["forces", "batch, energy", "rotation, forces"]) {
            _, _, prediction in
            (prediction.energy, prediction.forces[0].x) = (.nan, .nan)
        },
    ])
    func faultsAreFound(fault: Fault) throws {
        let model = Variant.all[4].model()
        let predictor = Predictor(model, on: bestDevice(.float64))
        let checks = ModelChecks(
            model, on: try randomMolecules(), instructionSet: bestInstructionSet, seed: 1
        ) { systems in
            try zip(systems, predictor.predict(systems)).map { system, prediction in
                var prediction = prediction
                fault.change(system, systems.count, &prediction)
                return prediction
            }
        }
        let results =
            try [checks.forces()] + checks.rotation() + checks.translation() + checks.permutation()
            + checks.batches() + checks.cutoff() + [checks.stress()] + checks.supercells() + checks.wrapping()
            + checks.largeBox()
        let failing = Set(results.filter { !$0.passed }.map(\.name))
        #expect(fault.failing.isSubset(of: failing), "\(failing)")
        #expect(!fault.failing.isEmpty || failing.isEmpty, "\(failing)")
    }

    @Test func aMissingEnvelopeIsFound() throws {
        let model = Variant.all[0].model()
        // One per cent of σ for every pair within the cutoff.
        let checks = ModelChecks(
            model, on: try randomMolecules(), instructionSet: bestInstructionSet, seed: 1
        ) { systems in
            try systems.map { system in
                let pairs = try NeighborPairs(system, cutoff: 4)
                let energy = 0.025 * Double(pairs.count)
                return Prediction(energy: energy, forces: system.positions.map { _ in SIMD3(energy, 0, 0) })
            }
        }
        #expect(try checks.cutoff().map(\.passed) == [false, false])
    }

    @Test func aWrongGradientIsFound() throws {
        let parameters = (1...20).map { Double($0) }
        for (factor, passes) in [(2.0, true), (2.0001, false), (-2, false), (.nan, false)] {
            var generator = SeededGenerator(seed: 1)
            let result = try ModelChecks.parameterGradients(at: parameters, &generator) {
                $0.reduce(0) { $0 + $1 * $1 }
            } gradient: {
                parameters.map { factor * $0 }
            }
            #expect(result.passed == passes, "\(factor): \(result)")
        }
    }
}
