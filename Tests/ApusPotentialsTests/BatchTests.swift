import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusSystem
import Testing

@testable import ApusPotentials

@Suite struct BatchTests {
    /// Every number comes out at the system, atom and component that it was put in for, whatever the chunks.
    @Test func valuesAreThoseOfTheirSystem() throws {
        let model = Model.small("SchNet")
        let graph = model.graph
        let perAtom = graph.graph.input("per atom", rows: .atoms, shape: .vector)
        let perSystem = graph.graph.input("per system", rows: .systems, shape: Shape(components: 9))
        let program = BatchProgram(
            model,
            outputs: [
                ("atoms", perAtom + perAtom), ("systems", perSystem + perSystem), (Property.energy.key, graph.energy),
            ],
            on: bestDevice(.float64, threads: 3))
        var generator = SeededGenerator(seed: 3)
        let systems = try (0..<60).map { k in
            let molecule = try randomMolecule([5, 2, 9, 1][k % 4], &generator)
            return try AtomicSystem(
                numbers: molecule.numbers.map { $0 == 7 ? 8 : $0 }, positions: molecule.positions)
        }
        let batch = try program.run(systems, parameters: Numbers(model.parameters, precision: .float64)) {
            range, chunk in
            chunk.inputs["per atom"] = range.flatMap { k in
                (0..<3 * systems[k].count).map { Double(1000 * k + $0) }
            }
            chunk.inputs["per system"] = range.flatMap { k in (0..<9).map { Double(1000 * k + $0) } }
        }
        #expect(batch.chunks.count > 1)
        for (k, system) in systems.enumerated() {
            #expect(Array(batch["atoms", k]) == (0..<3 * system.count).map { 2 * Double(1000 * k + $0) })
            #expect(Array(batch["systems", k]) == (0..<9).map { 2 * Double(1000 * k + $0) })
        }
        let predicted = try Predictor(model, on: bestDevice(.float64)).predict(systems)
        for (k, prediction) in predicted.enumerated() {
            // The model has no self-energies.
            #expect(batch[.energy, k].first == prediction.energy)
        }
        #expect(batch.isFinite("atoms") && batch.isFinite(Property.energy.key))
    }

    /// Elements that the model does not know are an error of the data, not of the program.
    @Test func unknownElementsAreNamed() throws {
        let model = Model.small("PaiNN")
        let known = try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(0, 0, 1)])
        let other = try AtomicSystem(numbers: [1, 92], positions: [.zero, SIMD3(0, 0, 2)])
        let predictor = Predictor(model, on: bestDevice())
        let error = #expect(throws: ApusError.self) { try predictor.predict([known, other]) }
        #expect(error?.place == "system 1 (counted from 0)")
        #expect(error?.problem.hasPrefix("atom 1 is U, which is not among the elements of the model, H") == true)
    }

    /// A model alone is enough.
    @Test func aPredictorHasDefaults() throws {
        let model = Model.small("PaiNN")
        let water = try AtomicSystem(
            numbers: [8, 1, 1], positions: [SIMD3(0, 0, 0.119), SIMD3(0, 0.763, -0.477), SIMD3(0, -0.763, -0.477)])
        let device = try Device()
        #expect(device.precision == .float32 && device.threads == coreCount())
        #expect(device.instructionSet == (try InstructionSet.preferred()))
        let found = try Predictor(model).predict([water])[0]
        #expect(found == (try Predictor(model, on: device).predict([water])[0]))
        #expect(device.with(.float64).description.hasPrefix("float64, \(coreCount()) threads, "))
    }
}
