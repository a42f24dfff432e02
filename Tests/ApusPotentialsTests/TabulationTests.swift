import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// Filters looked up in tables against filters computed for every pair.
@Suite struct TabulationTests {
    /// What a batch gives: energies and forces, and the derivatives of Σ E² + Σ |F|² by each parameter.
    private struct Results {
        let energies: [Double]
        let forces: [Double]
        let gradients: [[Double]]
    }

    private func run(
        _ model: EnergyModel, tabulated: Bool, _ systems: [AtomicSystem], _ run: GoldenTests.Run
    ) throws -> Results {
        let graph = EnergyGraph(model.potential, scale: model.scale, shift: model.shift, tabulated: tabulated)
        let loss = columnSum(contract(graph.forces, graph.forces, to: .scalar)) + columnSum(graph.energy * graph.energy)
        let gradients = gradient(of: loss, by: graph.graph.parameters).map { $0! }
        let executor = Executor(
            program: compile(outputs: [graph.energy, graph.forces], sums: gradients), precision: run.precision,
            threads: 2, instructionSet: run.instructionSet)
        let chunks = ChunkPlan.cut(atomCounts: systems.map(\.count))
        let parameters = Numbers(model.parameters, precision: run.precision)
        let cutoff = model.cutoff
        let outputs = try executor.run(chunks: chunks.count, parameters: parameters) { k, chunk in
            try chunk.fill(with: systems[chunks[k]], cutoff: cutoff)
        }
        return Results(
            energies: outputs.flatMap { $0[0] }, forces: outputs.flatMap { $0[1] },
            gradients: executor.program.results.map { executor.sums[$0] })
    }

    /// Interpolation misses a Gaussian of width w by at most 15/46080 (1/8)⁶ = 1.2·10⁻⁹ and its slope by
    /// 15/(6000√5) (1/8)⁵/w = 3.4·10⁻⁸/w, where the slope itself reaches 0.6/w: energies and forces in float64 follow.
    ///
    /// In float32 every value of a table is rounded, and the slope weighs the difference of two neighbours with up to
    /// 1.9 · 8/w: 2 · 15/w · 6·10⁻⁸ = 2·10⁻⁶/w for each rounding on the way to a value. Energies are as accurate as ever.
    /// Filters of several interactions add up, hence three to five times these figures.
    @Test(arguments: Variant.all.filter { $0.potential.tabulation != nil }, GoldenTests.Run.all)
    func tablesChangeResultsLittle(variant: Variant, precision: GoldenTests.Run) throws {
        let model = variant.model()
        let systems = try (0..<6).flatMap { try randomMolecules(seed: 40 + $0) }
        let direct = try run(model, tabulated: false, systems, precision)
        let tabulated = try run(model, tabulated: true, systems, precision)
        let isDouble = precision.precision == .float64
        #expect(tabulated.forces != direct.forces)
        #expect(relativeError(tabulated.energies, direct.energies) < (isDouble ? 5e-8 : 1e-6))
        #expect(relativeError(tabulated.forces, direct.forces) < (isDouble ? 5e-6 : 4e-5))
        for (declaration, (found, expected)) in zip(model.declarations, zip(tabulated.gradients, direct.gradients)) {
            #expect(relativeError(found, expected) < (isDouble ? 5e-6 : 4e-5), "\(declaration.name)")
        }
    }

    /// Predictions in float32 use tables, those in float64 do not; the bounds are those of tables in float32 above.
    @Test(arguments: Variant.all.filter { $0.potential.tabulation != nil })
    func predictionsUseTables(variant: Variant) throws {
        let model = variant.model()
        let systems = try (0..<3).flatMap { try randomMolecules(seed: 50 + $0) }
        func predictions(_ precision: Precision) throws -> [Prediction] {
            try Predictor(model, on: bestDevice(precision, threads: 2)).predict(systems)
        }
        let (single, double) = (try predictions(.float32), try predictions(.float64))
        let forces = { (predictions: [Prediction]) in predictions.flatMap { $0.forces.flatMap { [$0.x, $0.y, $0.z] } } }
        #expect(relativeError(single.map(\.energy), double.map(\.energy)) < 1e-6)
        #expect(relativeError(forces(single), forces(double)) < 4e-5)
        let direct = try run(
            model, tabulated: false, systems, GoldenTests.Run(precision: .float64, instructionSet: bestInstructionSet))
        #expect(relativeError(forces(double), direct.forces) < 1e-12)
    }

    /// One policy: never in float64; in float32 wherever a network has tables, in training where they pay.
    @Test func onePolicyDecides() {
        let schNet = Variant.all.first { $0.potential.tabulation != nil }!.model()
        let paiNN = Variant.all.first { $0.potential.tabulation == nil }!.model()
        #expect(schNet.usesTables(in: .float32) && !schNet.usesTables(in: .float64))
        #expect(!paiNN.usesTables(in: .float32) && !paiNN.trainsWithTables(in: .float32, pairs: .max))
        let points = schNet.potential.tabulation!.points
        #expect(!schNet.trainsWithTables(in: .float32, pairs: 5 * points))
        #expect(schNet.trainsWithTables(in: .float32, pairs: 5 * points + 1))
        #expect(!schNet.trainsWithTables(in: .float64, pairs: .max))
    }

    /// As many rows in every unit of length, whatever a division rounds to.
    @Test func rowsDoNotDependOnUnits() {
        for factor in [1, 0.1, 1 / 0.529177210903, 1 / 3.0] {
            let cutoff = 5 * factor
            #expect(Tabulation(.evenlySpaced(20, cutoff: cutoff), cutoff: cutoff).points == 153)
        }
    }

    /// Forces are the derivative of the interpolated energy, not interpolated forces: energy is conserved.
    ///
    /// With a step of 10⁻⁵ Å the difference quotient is right to some 10⁻¹⁰ of the largest force; forces without tables
    /// are farther from it than those with tables.
    @Test(arguments: Variant.all.filter { $0.potential.tabulation != nil })
    func forcesAreTheDerivativeOfTheInterpolatedEnergy(variant: Variant) throws {
        let model = variant.model()
        var generator = SeededGenerator(seed: 3)
        let system = try randomMolecule(9, &generator)
        let step = 1e-5
        let displaced = try (0..<3 * system.count).flatMap { coordinate in
            try [step, -step].map { shift in
                var positions = system.positions
                positions[coordinate / 3][coordinate % 3] += shift
                return try AtomicSystem(numbers: system.numbers, positions: positions)
            }
        }
        let double = GoldenTests.Run(precision: .float64, instructionSet: bestInstructionSet)
        let energies = try run(model, tabulated: true, displaced, double).energies
        let quotients = stride(from: 0, to: energies.count, by: 2).map {
            (energies[$0 + 1] - energies[$0]) / (2 * step)
        }
        let forces = try run(model, tabulated: true, [system], double).forces
        let direct = try run(model, tabulated: false, [system], double).forces
        let (error, difference) = (relativeError(quotients, forces), relativeError(quotients, direct))
        #expect(error < 1e-9 && difference > 5 * error, "\(error), \(difference)")
    }
}
