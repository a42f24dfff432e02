import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// Energies, forces and gradients of SchNetPack, which `Tools/make_golden.py` wrote.
@Suite struct GoldenTests {
    struct Run: Sendable, CustomTestStringConvertible {
        let precision: Precision
        let instructionSet: InstructionSet
        var testDescription: String { "\(precision), \(instructionSet)" }
        /// Two programs that add in different orders agree to some 10⁻¹⁴ in float64 and 10⁻⁶ in float32; gradients of
        /// forces lose two digits more.
        var tolerance: Double { precision == .float64 ? 1e-9 : 2e-4 }

        static let all = Precision.allCases.flatMap { precision in
            InstructionSet.available.map { Run(precision: precision, instructionSet: $0) }
        }
    }

    @Test(arguments: ["schnet-16x2", "painn-16x2", "schnet-20x3", "painn-20x1"], Run.all)
    func ownFixtures(name: String, run: Run) throws {
        try compare("\(goldenFolder)/\(name).safetensors", run)
    }

    @Test(
        .enabled(
            if: exists("\(sharedFolder)/golden/painn_schnetpack.safetensors"),
            "set APUS_SHARED to the folder of further reference numbers"),
        arguments: ["schnet", "painn"], Run.all)
    func sharedFixtures(name: String, run: Run) throws {
        try compare("\(sharedFolder)/golden/\(name)_schnetpack.safetensors", run)
    }

    private func compare(_ path: String, _ run: Run) throws {
        let fixture = try SchNetPackFixture(path)
        let file = fixture.file
        let (systems, cutoff) = (fixture.systems, fixture.potential.cutoff)
        let pairs = try systems.reduce(0) { try $0 + NeighborPairs($1, cutoff: cutoff).count }
        #expect(2 * pairs == (try file.integers("in/idx_i").count))

        let graph = EnergyGraph(fixture.potential, scale: 1, shift: 0)
        let losses = losses(graph, systems)
        let parameters = graph.graph.parameters
        let gradients = losses.map { gradient(of: $0, by: parameters) }
        let program = compile(
            outputs: [graph.energy, graph.forces], sums: losses + gradients.joined().map { $0! })
        let executor = Executor(
            program: program, precision: run.precision, threads: 2, instructionSet: run.instructionSet)

        let energies = try file.doubles("target/energy")
        let forces = try file.doubles("target/forces")
        let firstAtom = systems.reduce(into: [0]) { $0.append($0.last! + $1.count) }
        let chunks = ChunkPlan.cut(atomCounts: systems.map(\.count))
        let values = Numbers(
            try graph.declarations.flatMap { try fixture.values("param/", $0) }, precision: run.precision)
        let outputs = try executor.run(chunks: chunks.count, parameters: values) { k, chunk in
            let range = chunks[k]
            try chunk.fill(with: systems[range], cutoff: cutoff)
            chunk.inputs["energies"] = Array(energies[range])
            chunk.inputs["forces"] = Array(forces[3 * firstAtom[range.lowerBound]..<3 * firstAtom[range.upperBound]])
        }

        #expect(relativeError(outputs.flatMap { $0[0] }, try file.doubles("out/energy")) < run.tolerance)
        #expect(relativeError(outputs.flatMap { $0[1] }, try file.doubles("out/forces")) < run.tolerance)
        var results = program.results.map { executor.sums[$0] }.makeIterator()
        for name in ["loss_ef", "loss_e"] {
            #expect(relativeError(results.next()!, try file.doubles(name)) < run.tolerance, "\(name)")
        }
        for prefix in ["grad_ef/", "grad_e/"] {
            var covered = 0.0
            for declaration in graph.declarations {
                let expected = try fixture.values(prefix, declaration)
                let error = relativeError(results.next()!, expected)
                #expect(error < run.tolerance, "\(prefix)\(declaration.name)")
                covered += expected.reduce(0) { $0 + abs($1) }
            }
            // Every number of SchNetPack that matters has been compared.
            let all = try file.tensors.keys.filter { $0.hasPrefix(prefix) }.sorted().reduce(0) {
                try file.doubles($1).reduce($0) { $0 + abs($1) }
            }
            #expect(abs(covered - all) < 1e-12 * all)
        }
    }

    /// 0.01 mean over systems (E − E')² + 0.99 mean over atoms and axes |F − F'|², and mean (E − E')².
    private func losses(_ graph: EnergyGraph, _ systems: [AtomicSystem]) -> [Tensor] {
        let energy = graph.energy - graph.graph.input("energies", rows: .systems)
        let force = graph.forces - graph.graph.input("forces", rows: .atoms, shape: .vector)
        let energyLoss = (1 / Double(systems.count)) * columnSum(energy * energy)
        let components = Double(3 * systems.reduce(0) { $0 + $1.count })
        let forceLoss = (1 / components) * columnSum(contract(force, force, to: .scalar))
        return [0.01 * energyLoss + 0.99 * forceLoss, energyLoss]
    }
}
