import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusSystem
import Testing

@testable import ApusPotentials

/// Runs a graph of given charges through the formulas of moments.
private func moments(_ system: AtomicSystem, _ charges: [Double]) throws -> (dipole: [Double], quadrupole: [Double]) {
    let graph = Graph()
    let q = graph.input("charges", rows: .atoms)
    let dipole = segmentSum(q * graph.input(.centeredPositions), by: .systemOfAtom, into: .systems)
    let quadrupole = segmentSum(q * graph.input(.quadrupoleTensors), by: .systemOfAtom, into: .systems)
    let executor = Executor(
        program: compile(outputs: [dipole, quadrupole]), precision: .float64, threads: 1,
        instructionSet: InstructionSet.available[0])
    let outputs = try executor.run(chunks: 1, parameters: Numbers([], precision: .float64)) { _, chunk in
        try chunk.fill(with: [system], cutoff: 1)
        chunk.add([.centeredPositions, .quadrupoleTensors], of: [system])
        chunk.inputs["charges"] = charges
    }
    return (outputs[0][0], outputs[0][1])
}

private func ion(charge: Int, multiplicity: Int? = nil) throws -> AtomicSystem {
    try AtomicSystem(
        numbers: [8, 1, 1], positions: [SIMD3(0, 0, 0.1), SIMD3(0.8, 0, -0.5), SIMD3(-0.7, 0.2, -0.6)],
        charge: charge, spinMultiplicity: multiplicity)
}

@Suite struct ChargeHeadTests {
    /// modelforge's tables: charges 2, −1, −1 at (0, 1, 2), (3, 4, 5), (6, 7, 8).
    @Test func quadrupolesByHand() {
        func sum(_ charges: [Double]) -> [Double] {
            let positions = [SIMD3<Double>(0, 1, 2), SIMD3(3, 4, 5), SIMD3(6, 7, 8)]
            return zip(charges, positions).reduce([Double](repeating: 0, count: 9)) { sum, atom in
                zip(sum, quadrupoleTensor(atom.1)).map { $0 + atom.0 * $1 }
            }
        }
        #expect(sum([2, -1, -1]) == [54, -162, -189, -162, 0, -216, -189, -216, -54])
        #expect(sum([2, -1]) == [13, -36, -45, -36, -2, -48, -45, -48, -11])
    }

    /// modelforge's numbers for NH₃ (QM9, molecule 2): charges −1.026 and 0.342 e, in nm from the centre of mass,
    /// given to three digits.
    @Test func dipoleOfAmmonia() throws {
        let positions = [
            SIMD3(-0.0404260543, 1.0241077531, 0.0625637998), SIMD3(0.0172574639, 0.0125452063, -0.0273771593),
            SIMD3(0.9157893661, 1.3587451948, -0.0287577581), SIMD3(-0.5202777357, 1.3435321258, -0.7755426124),
        ].map { 0.1 * $0 }
        let ammonia = try AtomicSystem(numbers: [7, 1, 1, 1], positions: positions)
        let found = try moments(ammonia, [-1.026, 0.342, 0.342, 0.342]).dipole
        for (found, expected) in zip(found, [0.0183, -0.0122, -0.0349]) { #expect(abs(found - expected) < 1e-4) }
    }

    /// Moments refer to the centre of mass: shifting a charged system changes neither.
    @Test func momentsDoNotDependOnTheOrigin() throws {
        let system = try ion(charge: 1)
        let (first, second) = (
            try moments(system, [0.5, 0.3, 0.2]),
            try moments(try system.translated(by: SIMD3(3, -2, 5)), [0.5, 0.3, 0.2])
        )
        for (a, b) in zip(first.dipole + first.quadrupole, second.dipole + second.quadrupole) {
            #expect(abs(a - b) < 1e-12)
        }
        #expect(abs(first.quadrupole[0] + first.quadrupole[4] + first.quadrupole[8]) < 1e-12)
    }

    @Test(arguments: [-1, 0, 2])
    func uniformConservationSharesWhatIsMissing(_ charge: Int) throws {
        var model = Model.small("SchNet")
        let system = try ion(charge: charge)
        func predict(_ conservation: ChargeHead.Conservation) throws -> Prediction {
            model.heads = [ChargeHead(conservation: conservation)]
            model.parameters = Model.randomParameters(model)
            return try Predictor(model, on: bestDevice(.float64))
                .predict([system])[0]
        }
        let raw = try predict(.none).further[.charges]!
        let conserved = try predict(.uniform)
        #expect(abs(conserved.further[.charges]!.reduce(0, +) - Double(charge)) < 1e-12)
        let missing = (Double(charge) - raw.reduce(0, +)) / 3
        for (a, b) in zip(conserved.further[.charges]!, raw) { #expect(abs(a - b - missing) < 1e-12) }
        // The total charge that is learned is the one before conservation.
        #expect(abs(conserved.further[.totalCharge]![0] - raw.reduce(0, +)) < 1e-12)
        let dipole = try moments(system, conserved.further[.charges]!).dipole
        for (a, b) in zip(conserved.further[.dipole]!, dipole) { #expect(abs(a - b) < 1e-12) }
    }

    @Test(arguments: ["SchNet", "PaiNN"])
    func momentsTurnWithTheMolecule(_ name: String) throws {
        var model = Model.small(name)
        model.heads = [ChargeHead(atomicDipoles: true), SpinHead()]
        model.parameters = Model.randomParameters(model)
        var generator = SeededGenerator(seed: 3)
        let turn = OrthogonalMatrix.random(reflecting: true, &generator)
        let system = try ion(charge: 1)
        let turned = try system.moved(to: system.positions.map { turn($0) + SIMD3(1, 2, 3) })
        let predictor = Predictor(model, on: bestDevice(.float64))
        let found = try predictor.predict([system, turned])
        func vector(_ prediction: Prediction) -> SIMD3<Double> {
            let values = prediction.further[.dipole]!
            return SIMD3(values[0], values[1], values[2])
        }
        let difference = turn(vector(found[0])) - vector(found[1])
        #expect((difference * difference).sum().squareRoot() < 1e-10)
        for property in [Property.charges, .atomicSpinMultiplicities] {
            for (a, b) in zip(found[0].further[property]!, found[1].further[property]!) { #expect(abs(a - b) < 1e-10) }
        }
        // Atomic dipoles are there: the moment is not that of the charges.
        let ofCharges = try moments(system, found[0].further[.charges]!).dipole
        #expect(zip(ofCharges, found[0].further[.dipole]!).contains { abs($0 - $1) > 1e-3 })
    }

    @Test(arguments: ["SchNet", "PaiNN"])
    func gradientsOfHeadsAreSlopes(_ name: String) throws {
        var model = Model.small(name)
        model.featurization = Featurization(totalCharge: true, spinMultiplicity: true)
        model.featurization.periodFeatures = 3
        model.featurization.groupFeatures = 2
        for atomicDipoles in [true, false] {
            model.heads = [ChargeHead(atomicDipoles: atomicDipoles), SpinHead()]
            model.parameters = Model.randomParameters(model)
            let systems = [try ion(charge: 1, multiplicity: 2), try ion(charge: -1, multiplicity: 1)]
            let checks = ModelChecks(model, on: systems, instructionSet: InstructionSet.available[0])
            for result in try checks.run() { #expect(result.passed, "\(result)") }
        }
    }
}

@Suite struct FeaturizationTests {
    private func energies(_ featurization: Featurization, _ systems: [AtomicSystem]) throws -> [Double] {
        var model = Model.small("PaiNN")
        model.featurization = featurization
        model.parameters = Model.randomParameters(model)
        return try Predictor(model, on: bestDevice(.float64))
            .predict(systems).map(\.energy)
    }

    @Test func chargeAndSpinAreSeenOnlyWhereTheyAreInputs() throws {
        let states = [
            try ion(charge: 0, multiplicity: 1), try ion(charge: 1, multiplicity: 1),
            try ion(charge: 0, multiplicity: 3),
        ]
        let blind = try energies(.element, states)
        #expect(blind[0] == blind[1] && blind[0] == blind[2])
        let charged = try energies(Featurization(totalCharge: true), states)
        #expect(abs(charged[0] - charged[1]) > 1e-3 && charged[0] == charged[2])
        let spin = try energies(Featurization(spinMultiplicity: true), states)
        #expect(abs(spin[0] - spin[2]) > 1e-3 && spin[0] == spin[1])
    }

    @Test func periodsAndGroups() {
        let expected: [(String, Int, Int?)] = [
            ("H", 1, 1), ("He", 1, 18), ("Li", 2, 1), ("B", 2, 13), ("Ne", 2, 18), ("Si", 3, 14), ("Sc", 4, 3),
            ("Br", 4, 17), ("Ag", 5, 11), ("La", 6, nil), ("Yb", 6, nil), ("Lu", 6, 3), ("Hf", 6, 4), ("Rn", 6, 18),
            ("U", 7, nil), ("Lr", 7, 3), ("Og", 7, 18),
        ]
        for (symbol, period, group) in expected {
            let element = Element.all.first { $0.symbol == symbol }!
            #expect(element.period == period && element.group == group, "\(symbol)")
        }
        #expect(Element.all.count { $0.group == nil } == 28)
    }

    @Test func aModelFileKeepsEverything() throws {
        var model = Model.small("SchNet")
        model.featurization = Featurization(totalCharge: true, spinMultiplicity: true)
        model.featurization.groupFeatures = 4
        model.heads = [ChargeHead(conservation: .none, atomicDipoles: true), SpinHead()]
        model.energyOffset = -123.5
        model.keepsAtomicEnergies = true
        model.parameters = Model.randomParameters(model)
        let path = "/tmp/apus-heads-\(UInt64.random(in: 0 ... .max)).apus"
        let systems = [try ion(charge: 1, multiplicity: 2), try ion(charge: -1, multiplicity: 1)]
        try ModelFile(model, precision: .float64, program: "test", examplesFrom: systems).write(to: path)
        #expect(try ModelFile.read(path).model == model)

        // A damaged parameter of the charge head is noticed although energies do not depend on it.
        let contents = try Safetensors.read(path)
        var tensors = contents.tensors
        let name = "heads.per_atom_charge.readout.1.bias"
        tensors[name] = Safetensors.Tensor([try contents.doubles(name)[0] + 0.1], shape: [1, 1])
        var damaged = Safetensors(metadata: contents.metadata, tensors: tensors)
        damaged.seal()
        try damaged.write(to: path)
        let error = #expect(throws: ApusError.self) { _ = try ModelFile.read(path) }
        #expect(error?.description.contains("the model predicts other") == true)
    }

    @Test func energiesOfAtomsAndTheOffset() throws {
        var model = Model.small("SchNet")
        model.selfEnergies = [1: -3, 6: -7, 8: -11]
        let predict = { (model: EnergyModel) in
            try Predictor(model, on: bestDevice(.float64))
                .predict([try ion(charge: 0)])[0]
        }
        let plain = try predict(model)
        model.keepsAtomicEnergies = true
        let kept = try predict(model)
        #expect(abs(kept.further[.atomicEnergies]!.reduce(0, +) - plain.energy) < 1e-12)
        model.energyOffset = 5
        #expect(abs(try predict(model).energy - plain.energy - 5) < 1e-12)
    }
}
