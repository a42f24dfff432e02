import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusSystem
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// Energies, forces and stresses of periodic systems.
@Suite struct PeriodicTests {
    // MARK: Reference numbers of SchNetPack

    /// Four systems: cells smaller than the cutoff, atoms outside of their cell, an atom that meets its own images alone, a slab.
    /// Energies, forces, stresses, and the gradient of 0.01 mean ΔE² + 0.99 mean ΔF² + 5 mean Δσ².
    @Test(
        .enabled(
            if: exists("\(sharedFolder)/golden/periodic/schnet_periodic.safetensors"),
            "set APUS_SHARED to the folder of further reference numbers"),
        arguments: ["schnet", "painn"], GoldenTests.Run.all)
    func sharedFixtures(name: String, run: GoldenTests.Run) throws {
        let path = "\(sharedFolder)/golden/periodic/\(name)_periodic.safetensors"
        guard exists(path) else { return }
        let fixture = try SchNetPackFixture("\(sharedFolder)/golden/\(name)_schnetpack.safetensors")
        let file = try Safetensors.read(path)
        let systems = try systems(of: file)
        let cutoff = fixture.potential.cutoff
        let pairs = try systems.reduce(0) { try $0 + NeighborPairs($1, cutoff: cutoff).count }
        #expect(2 * pairs == (try file.integers("in/idx_i").count))

        let graph = EnergyGraph(fixture.potential, scale: 1, shift: 0)
        let loss = try loss(graph, systems)
        let parameters = graph.graph.parameters
        let gradients = gradient(of: loss, by: parameters)
        let outputs = [Property.energy, .forces, .stress, .virial].map { graph.outputs[$0]! }
        let program = compile(outputs: outputs, sums: [loss] + gradients.map { $0! })
        let device = Device(precision: run.precision, threads: 2, instructionSet: run.instructionSet)
        let executor = Executor(program, on: device)
        let values = Numbers(try graph.declarations.flatMap { try fixture.values("param/", $0) }, on: device)
        let targets = try ["energy", "forces", "stress"].map { try file.doubles("target/\($0)") }
        let found = try executor.run(chunks: 1, parameters: values) { _, chunk in
            try chunk.fill(with: systems, cutoff: cutoff)
            chunk.add([.inverseVolumes], of: systems)
            for (name, target) in zip(["energies", "forces", "stresses"], targets) { chunk.inputs[name] = target }
        }[0]
        for (values, name) in zip(found, ["energy", "forces", "stress", "virial"]) {
            #expect(relativeError(values, try file.doubles("out/\(name)")) < run.tolerance, "\(name)")
        }
        var results = program.results.map { executor.sums[$0] }.makeIterator()
        #expect(relativeError(results.next()!, try file.doubles("loss")) < run.tolerance)
        for declaration in graph.declarations {
            let expected = try gradientValues(fixture, file, declaration)
            #expect(relativeError(results.next()!, expected) < run.tolerance, "\(declaration.name)")
        }
    }

    /// The gradient of the periodic file, laid out as one of our parameters.
    private func gradientValues(
        _ fixture: SchNetPackFixture, _ file: Safetensors, _ declaration: ParameterDeclaration
    ) throws -> [Double] {
        try SchNetPackFixture(fixture, with: file).values("grad/", declaration)
    }

    private func systems(of file: Safetensors) throws -> [AtomicSystem] {
        func vectors(_ name: String) throws -> [SIMD3<Double>] {
            let numbers = try file.doubles(name)
            return (0..<numbers.count / 3).map { SIMD3(numbers[3 * $0], numbers[3 * $0 + 1], numbers[3 * $0 + 2]) }
        }
        let (positions, cells) = (try vectors("in/R"), try vectors("in/cell"))
        let (numbers, periodic) = (try file.integers("in/Z"), try file.integers("in/pbc"))
        var first = 0
        return try file.integers("in/sizes").enumerated().map { k, size in
            let atoms = first..<first + size
            first += size
            return try AtomicSystem(
                numbers: Array(numbers[atoms]), positions: Array(positions[atoms]),
                cell: Cell(
                    vectors: Array(cells[3 * k..<3 * k + 3]),
                    isPeriodicAlong: periodic[3 * k..<3 * k + 3].map { $0 != 0 }))
        }
    }

    private func loss(_ graph: EnergyGraph, _ systems: [AtomicSystem]) throws -> Tensor {
        let energy = graph.energy - graph.graph.input("energies", rows: .systems)
        let force = graph.forces - graph.graph.input("forces", rows: .atoms, shape: .vector)
        let stress =
            graph.outputs[.stress]! - graph.graph.input("stresses", rows: .systems, shape: Shape(components: 9))
        func mean(_ error: Tensor, _ count: Int) -> Tensor {
            (1 / Double(count)) * columnSum(contract(error, error, to: .scalar))
        }
        let atoms = systems.reduce(0) { $0 + $1.count }
        return 0.01 * mean(energy, systems.count) + 0.99 * mean(force, 3 * atoms) + 5 * mean(stress, 9 * systems.count)
    }

    // MARK: Crystals out of molecules

    /// Atoms see no further than a cutoff for each layer, so those in the middle of a large cluster are those of the crystal.
    ///
    /// Molecules, without any cell, were compared with SchNetPack; here their code is the reference.
    @Test(arguments: [Variant.all[0], Variant.all[3]], [[true, true, true], [true, false, true]])
    func clusters(variant: Variant, flags: [Bool]) throws {
        var model = variant.model()
        model.selfEnergies = model.selfEnergies.mapValues { _ in 0 }
        model.keepsAtomicEnergies = true
        // Left-handed, narrower than the cutoff of 4, with an atom outside.
        let vectors = [SIMD3<Double>(0.4, 2.9, 0.1), SIMD3(3.1, 0, 0), SIMD3(-0.3, 0.5, 3.3)]
        let cell = try Cell(vectors: vectors, isPeriodicAlong: flags)
        let positions = [SIMD3<Double>(0.2, 0.1, 0.3), SIMD3(1.7, 1.4, 1.8), SIMD3(1.2, 1.3, 6.9) - 2 * vectors[1]]
        let crystal = try AtomicSystem(numbers: [8, 6, 1], positions: positions, cell: cell)
        // One layer reaches a cutoff, forces come from what two atoms see of each other: two cutoffs.
        let reach = 8.5
        var (numbers, cluster) = (crystal.numbers, positions)
        for x in -9...9 where flags[0] || x == 0 {
            for y in -9...9 where flags[1] || y == 0 {
                for z in -9...9 where flags[2] || z == 0 {
                    let shift = Double(x) * vectors[0] + Double(y) * vectors[1] + Double(z) * vectors[2]
                    for (atom, position) in positions.enumerated() where (x, y, z) != (0, 0, 0) {
                        let image = position + shift
                        let isNear = positions.contains { (($0 - image) * ($0 - image)).sum() < reach * reach }
                        guard isNear else { continue }
                        numbers.append(crystal.numbers[atom])
                        cluster.append(image)
                    }
                }
            }
        }
        let predictor = Predictor(model, on: bestDevice(.float64))
        let predictions = try predictor.predict([crystal, AtomicSystem(numbers: numbers, positions: cluster)])
        let energies = predictions.map { $0.further[.atomicEnergies] ?? [] }
        #expect(numbers.count > 60)
        // Sums of some thousand numbers in another order.
        #expect(relativeError(energies[0], Array(energies[1].prefix(3))) < 1e-11)
        #expect(abs(predictions[0].energy - energies[0].reduce(0, +)) < 1e-11 * abs(predictions[0].energy))
        let forces = predictions.map { Array($0.forces.prefix(3)).flatMap { [$0.x, $0.y, $0.z] } }
        #expect(relativeError(forces[0], forces[1]) < 1e-11)
        #expect(forces[0].contains { abs($0) > 1e-2 })
        #expect(predictions[0].stress?.count == 9 && predictions[1].stress == nil)
    }

    /// The stress of two atoms on a line, of one pair and its images, out of the force between them.
    @Test func stressByHand() throws {
        let model = Variant.all[0].model()
        let predictor = Predictor(model, on: bestDevice(.float64))
        // Images are 6 apart, beyond the cutoff of 4: one pair acts, with the force f along z.
        let cell = try Cell(
            vectors: [SIMD3(0, 6, 0), SIMD3(6, 0, 0), SIMD3(0, 0, 6)], isPeriodicAlong: [true, true, true])
        let dimer = try AtomicSystem(numbers: [6, 8], positions: [SIMD3(1, 1, 1), SIMD3(1, 1, 2.5)], cell: cell)
        let prediction = try predictor.predict([dimer])[0]
        let force = prediction.forces[1].z
        // E(d) and W_zz = −d ∂E/∂d = d f; under tension, where atoms pull together, f < 0 and σ_zz > 0.
        let expected = [0, 0, 0, 0, 0, 0, 0, 0, -1.5 * force / 216]
        #expect(relativeError(prediction.stress!, expected) < 1e-13)
        #expect(relativeError(prediction.virial!, expected.map { -216 * $0 }) < 1e-13)
        // Half a box further, across the boundary, nothing changes.
        let wrapped = try dimer.moved(to: [SIMD3(1, 1, 5), SIMD3(1, 1, 0.5)])
        #expect(relativeError(try predictor.predict([wrapped])[0].stress!, expected) < 1e-11)
    }

    /// Systems with and without cells in one batch.
    @Test func mixedBatches() throws {
        let predictor = Predictor(Variant.all[4].model(), on: bestDevice(.float64))
        var generator = SeededGenerator(seed: 3)
        let molecule = try randomMolecule(9, &generator)
        let crystal = molecule.inCell(
            try Cell(vectors: [SIMD3(7, 0, 0), SIMD3(0, 7, 0), SIMD3(1, 0, 6)], isPeriodicAlong: [true, true, true]))
        let slab = molecule.inCell(
            try Cell(vectors: [SIMD3(7, 0, 0), SIMD3(0, 7, 0), .zero], isPeriodicAlong: [true, true, false]))
        let together = try predictor.predict([molecule, crystal, molecule, slab])
        #expect(together.map { $0.stress == nil } == [true, false, true, true])
        #expect(relativeError([together[0].energy], [try predictor.predict([molecule])[0].energy]) < 1e-13)
        #expect(together[0].energy != together[1].energy && together[1].energy != together[3].energy)
        #expect(relativeError(together[1].stress!, try predictor.predict([crystal])[0].stress!) < 1e-11)
    }

    /// One large box is shared by threads, many small ones are cut into chunks; bits stay the same.
    @Test(arguments: [Variant.all[0], Variant.all[3]])
    func threadsDoNotChangeBits(variant: Variant) throws {
        var generator = SeededGenerator(seed: 4)
        let molecule = try randomMolecule(14, &generator)
        let cell = try Cell(
            vectors: [SIMD3(7, 0, 0), SIMD3(1, 7, 0), SIMD3(0, -1, 7)], isPeriodicAlong: [true, true, true])
        let small = try (0..<40).map { k in
            try molecule.inCell(cell).strained(by: [SIMD3(0.002 * Double(k), 0, 0), .zero, .zero])
        }
        var (numbers, positions) = ([Int](), [SIMD3<Double>]())
        for x in 0..<4 {
            for y in 0..<4 {
                for z in 0..<3 {
                    let shift =
                        Double(x) * cell.vectors[0] + Double(y) * cell.vectors[1] + Double(z) * cell.vectors[2]
                    numbers += molecule.numbers
                    positions += molecule.positions.map { $0 + shift }
                }
            }
        }
        let large = try AtomicSystem(
            numbers: numbers, positions: positions,
            cell: Cell(
                vectors: [4 * cell.vectors[0], 4 * cell.vectors[1], 3 * cell.vectors[2]],
                isPeriodicAlong: [true, true, true]))
        for systems in [small, [large]] {
            let one = try Predictor(variant.model(), on: bestDevice()).predict(systems)
            #expect(one.allSatisfy { $0.stress?.allSatisfy(\.isFinite) == true })
            for threads in [2, 5] {
                #expect(try Predictor(variant.model(), on: bestDevice(threads: threads)).predict(systems) == one)
            }
        }
    }
}
