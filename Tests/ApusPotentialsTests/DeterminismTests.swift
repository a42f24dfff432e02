import ApusChemistry
import ApusGraph
import ApusSystem
import ApusTestSupport
import Testing

@testable import ApusCPU
@testable import ApusPotentials

@Suite struct DeterminismTests {
    /// Outputs and gradients of 72 molecules, which are cut into more chunks than there are lanes.
    private func run(_ model: EnergyModel, threads: Int, _ precision: Precision) throws -> [[Double]] {
        let systems = try (0..<72).map { k in
            var generator = SeededGenerator(seed: UInt64(k))
            return try randomMolecule(4 + k % 24, &generator)
        }
        let graph = model.graph
        let loss = columnSum(contract(graph.forces, graph.forces, to: .scalar)) + columnSum(graph.energy * graph.energy)
        let gradients = gradient(of: loss, by: graph.graph.parameters).compactMap { $0 }
        let executor = Executor(
            program: compile(outputs: [graph.energy, graph.forces], sums: gradients), precision: precision,
            threads: threads, instructionSet: bestInstructionSet)
        let chunks = ChunkPlan.cut(atomCounts: systems.map(\.count))
        #expect(chunks.count > LaneTree.laneCount(chunks: chunks.count))
        let parameters = Numbers(model.parameters, precision: precision)
        let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
            try chunk.fill(with: systems[chunks[k]], cutoff: 4)
        }
        return outputs.flatMap { $0 } + executor.program.results.map { executor.sums[$0] }
    }

    @Test(arguments: [Variant.all[1], Variant.all[4]], Precision.allCases)
    func threadsDoNotChangeBits(variant: Variant, precision: Precision) throws {
        let model = variant.model()
        let one = try run(model, threads: 1, precision)
        #expect(one.joined().contains { $0 != 0 } && one.joined().allSatisfy(\.isFinite))
        #expect(try run(model, threads: 2, precision) == one)
        #expect(try run(model, threads: 5, precision) == one)
    }

    /// Programs for large chunks compute numbers of pairs again rather than keep them: the same bits in less memory.
    @Test(arguments: [Variant.all[1], Variant.all[4]])
    func largeChunksHaveTheSameBits(variant: Variant) throws {
        var generator = SeededGenerator(seed: 1)
        let system = try randomMolecule(60, &generator)
        let model = variant.model()
        let graph = model.graph
        func run(_ size: ChunkSize) throws -> (values: [[Double]], arena: Int) {
            let executor = Executor(
                program: compile(outputs: [graph.energy, graph.forces], for: size), precision: .float32,
                threads: 2, instructionSet: bestInstructionSet)
            let parameters = Numbers(model.parameters, precision: .float32)
            let outputs = try executor.run(chunks: 1, parameters: parameters) { _, chunk in
                try chunk.fill(with: [system], cutoff: 4)
            }
            return (outputs[0], executor.arenaBytes)
        }
        let (small, large) = (try run(.small), try run(.large))
        #expect(small.values == large.values)
        #expect(large.arena < small.arena, "\(large.arena) of \(small.arena)")
    }

    /// Small and large systems in turn, with other parameters in between, use the program that each needs.
    @Test func programsOfBothSizesUseTheParametersInUse() throws {
        var generator = SeededGenerator(seed: 2)
        let small = try randomMolecule(5, &generator)
        let atoms = ChunkPlan.largeSystem + 1
        let large = try AtomicSystem(
            numbers: (0..<atoms).map { _ in 1 }, positions: (0..<atoms).map { SIMD3(1.5 * Double($0), 0, 0) })
        let model = Variant.all[1].model()
        let graph = model.graph
        let device = bestDevice(threads: 1)
        let program = BatchProgram(model, outputs: [("energy", graph.energy)], on: device)
        func energy(_ system: AtomicSystem, _ scale: Double? = nil) throws -> Double {
            let parameters = scale.map { scale in Numbers(model.parameters.map { scale * $0 }, on: device) }
            return try program.run([system], parameters: parameters)["energy", 0].first!
        }
        let first = (try energy(small, 1), try energy(large))
        let second = (try energy(small, 1.1), try energy(large))
        #expect(first.0 != second.0 && first.1 != second.1)
        #expect((try energy(large, 1), try energy(small)) == (first.1, first.0))
    }

    /// In float32, numbers of some units are rounded at 10⁻⁷.
    @Test(arguments: Variant.all)
    func aMoleculeAloneIsLikeInABatch(variant: Variant) throws {
        var model = variant.model()
        model.selfEnergies = model.selfEnergies.mapValues { _ in 0 }
        let systems = try randomMolecules()
        let predictor = Predictor(model, on: bestDevice(threads: 2))
        let together = try predictor.predict(systems)
        for (system, expected) in zip(systems, together) {
            let alone = try predictor.predict([system])[0]
            #expect(relativeError([alone.energy], [expected.energy]) < 1e-6)
            #expect(relativeError([alone].flatForces, [expected].flatForces) < 1e-6)
        }
    }

    @Test func initialParametersDependOnTheSeedAlone() {
        let declarations = Variant.all[0].model().declarations
        let first = EnergyModel.initialParameters(declarations, seed: 7)
        #expect(first == EnergyModel.initialParameters(declarations, seed: 7))
        #expect(first != EnergyModel.initialParameters(declarations, seed: 8))
        #expect(first.count == declarations.reduce(0) { $0 + $1.count })
    }
}
