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
