import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusGraph
import ApusPotentials
import ApusSystem
import ApusTestSupport
import Testing

@testable import ApusTraining

private let weights: [PropertyLoss: Double] = [.perSystemEnergy: 0.3, .perAtomEnergy: 1.7, .perAtomForce: 0.9]

/// Samples of 1 to 6 atoms whose labels are far from any prediction, with all labels.
private func mixedSamples() throws -> [Sample] {
    try harmonicSamples(count: 7, atoms: [5, 2, 1, 6, 3]).map { try $0.withRandomLabels(seed: 7) }
}

/// φ(e), written by hand.
private func plain(_ form: LossForm, _ error: Double) -> Double {
    switch form {
    case .squared: return error * error
    case .absolute: return error.magnitude
    case .huber(let threshold):
        let size = error.magnitude
        return size < threshold ? size * size : threshold * threshold + 2 * threshold * (size - threshold)
    }
}

/// The definition of the loss, from predictions: the table of Documentation/Losses.md.
private func plainLoss(_ loss: Loss, _ samples: [Sample], _ found: [Prediction]) -> Double {
    var total = 0.0
    for (sample, prediction) in zip(samples, found) {
        let atoms = Double(sample.system.count)
        for term in loss.terms {
            let property = term.component.properties[0]
            var value = 0.0
            for (predicted, label) in zip(prediction.labels[property]!, sample.labels[property]!) {
                value += plain(term.form, predicted - label)
            }
            switch (term.name, term.exponent) {
            case ("per_atom_force", 1): value /= 3 * atoms
            case ("per_system_stress", 0): value /= 9
            case ("per_system_virial", 1): value /= 9 * atoms
            case (_, 0): break
            case (_, 1): value /= atoms
            default: value /= atoms * atoms
            }
            total += term.weight.initial * value
        }
    }
    return total / Double(samples.count)
}

private func predictions(_ model: EnergyModel, _ samples: [Sample]) throws -> [Prediction] {
    try Predictor(model, on: bestDevice(.float64))
        .predict(samples.map(\.system))
}

/// The gradient of the loss by all parameters, with the batch cut into the given chunks.
private func lossGradient(
    _ model: EnergyModel, _ loss: Loss, _ samples: [Sample], chunks: [Range<Int>]
) throws -> [Double] {
    let graph = LossGraph(model, loss: loss)
    let program = graph.training(on: bestDevice(.float64))
    let weights = loss.weights(epoch: 1).map { $0 / Double(samples.count) }
    return try gradient(program, model, graph.layout, samples, chunks: chunks, weights: weights)
}

/// Compares the gradient with slopes of the definition at some parameters.
private func checkGradient(
    _ model: EnergyModel, _ loss: Loss, _ samples: [Sample], _ name: String, tolerance: Double = 1e-7
) throws {
    let gradient = try lossGradient(model, loss, samples, chunks: [0..<samples.count])
    let scale = gradient.map(abs).max() ?? 0
    #expect(scale > 1e-3, "\(name)")
    var generator = SeededGenerator(seed: 4)
    let step = 1e-5
    var found: [Double] = []
    var expected: [Double] = []
    let moving = gradient.indices.filter { abs(gradient[$0]) > 1e-3 * scale }
    for _ in 0..<30 {
        let k =
            Bool.random(using: &generator)
            ? generator.index(below: gradient.count) : moving[generator.index(below: moving.count)]
        let values = try [step, -step].map { change in
            var moved = model
            moved.parameters[k] += change
            return plainLoss(loss, samples, try predictions(moved, samples))
        }
        found.append(gradient[k])
        expected.append((values[0] - values[1]) / (2 * step))
    }
    // The step's square, 1e-10, and the rounding of the loss over the step, 1e-11, times the loss.
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < tolerance * scale }, "\(name)")
}

@Suite struct LossTests {
    /// The differences need the loss alone, whose definition stands above: sign and normalisation are checked with it.
    @Test(arguments: ["SchNet", "PaiNN"])
    func theGradientIsThatOfTheDefinition(_ name: String) throws {
        var model = smallModel(name, scale: 1.5, shift: -0.2, heads: [ChargeHead(), SpinHead()])
        let samples = try mixedSamples()
        try checkGradient(model, Loss(weights: weights), samples, "energies and forces")
        let components: [PropertyLoss] = [
            .perSystemEnergy, .perAtomEnergy, .perAtomForce, .totalCharge, .dipole, .quadrupole, .charge,
            .spinMultiplicity,
        ]
        for component in components {
            try checkGradient(model, Loss([LossTerm(component, weight: .init(0.7))]), samples, component.name)
        }
        try checkGradient(model, Loss(components.map { LossTerm($0, weight: .init(0.3)) }), samples, "all")
        model.heads = [ChargeHead(conservation: .none, atomicDipoles: true)]
        model.parameters = randomParameters(model)
        for component in [PropertyLoss.charge, .dipole, .totalCharge] {
            try checkGradient(
                model, Loss([LossTerm(component, weight: .init(1))]), samples, "\(component.name), atomic dipoles")
        }
    }

    /// Stresses and virials of cells that are narrower than the cutoff of 4, one of them left-handed.
    @Test(arguments: ["SchNet", "PaiNN"])
    func theGradientOfStresses(_ name: String) throws {
        let model = smallModel(name, scale: 1.5, shift: -0.2)
        var generator = SeededGenerator(seed: 3)
        let samples = try mixedSamples().enumerated().map { k, sample in
            let vectors = [SIMD3<Double>(3.7, 0, 0), SIMD3(0.4, 3.9, 0), SIMD3(-0.3, 0.2, 8)]
            let cell = try Cell(
                vectors: k == 0 ? vectors.reversed() : vectors, isPeriodicAlong: [true, k != 1, true])
            let stress = (0..<9).map { _ in 0.02 * generator.normal() }
            return try Sample(
                Configuration(system: sample.system.inCell(cell), labels: [.energy: [0.4], .stress: stress]),
                selfEnergies: SelfEnergies([1: 0, 6: 0, 8: 0], unit: .electronvolt))
        }
        let volume = try #require(samples[0].system.volume)
        #expect(samples[0].labels[.virial] == samples[0].labels[.stress]?.map { -volume * $0 })
        for component in [PropertyLoss.stress, .virial] {
            let weight = component == .stress ? 1000.0 : 1
            try checkGradient(model, Loss([LossTerm(component, weight: .init(weight))]), samples, component.name)
        }
        let all = Loss([
            LossTerm(PropertyLoss.perSystemEnergy, weight: .init(0.3)),
            LossTerm(PropertyLoss.stress, weight: .init(300)),
        ])
        try checkGradient(model, all, samples, "energies and stresses")
    }

    /// Absolute and Huber's form have corners, which the samples do not meet within the step.
    @Test(arguments: [LossForm.absolute, .huber(threshold: 0.4)], [0, 1, 2])
    func theGradientOfOtherForms(_ form: LossForm, exponent: Int) throws {
        let model = smallModel("PaiNN", heads: [ChargeHead()])
        let samples = try mixedSamples()
        for component in [PropertyLoss.perSystemEnergy, .dipole, .charge] {
            let term = LossTerm(component, weight: .init(2), form: form, exponent: exponent)
            try checkGradient(model, Loss([term]), samples, "\(component.name) \(form)")
        }
        guard exponent == 1 else { return }
        try checkGradient(
            model, Loss([LossTerm(PropertyLoss.perAtomForce, weight: .init(2), form: form)]), samples, "force")
    }

    @Test func chunksAddUpToTheBatch() throws {
        let model = smallModel(heads: [ChargeHead()])
        let samples = try mixedSamples()
        let loss = Loss(weights: weights.merging([.dipole: 1, .charge: 2]) { $1 })
        let whole = try lossGradient(model, loss, samples, chunks: [0..<7])
        let parts = try lossGradient(model, loss, samples, chunks: [0..<1, 1..<4, 4..<7])
        #expect(relativeError(parts, whole) < 1e-12)
    }

    @Test func predictedLabelsLeaveNoGradient() throws {
        let model = smallModel("PaiNN")
        let samples = try mixedSamples()
        let loss = Loss(weights: weights)
        let found = try predictions(model, samples)
        let perfect = try zip(samples, found).map {
            try sample($0.system, energy: $1.energy, forces: $1.forces)
        }
        let reversed = try zip(samples, found).map {
            try sample($0.system, energy: $1.energy, forces: $1.forces.map { -$0 })
        }
        let size = { (samples: [Sample]) in
            try lossGradient(model, loss, samples, chunks: [0..<samples.count]).map(abs).max() ?? 0
        }
        #expect(try size(perfect) < 1e-12)
        #expect(try size(reversed) > 0.1)
    }

    @Test func evaluationReportsTheSameLoss() throws {
        let model = smallModel(heads: [ChargeHead()])
        let samples = try mixedSamples()
        let loss = Loss(
            weights.merging([.charge: 2]) { $1 }.map { LossTerm($0, weight: .init($1)) }
                + [LossTerm(PropertyLoss.dipole, weight: .init(0.2), form: .huber(threshold: 0.3), exponent: 2)])
        let evaluator = Evaluator(
            model, loss: loss, on: bestDevice(.float64))
        let errors = try evaluator.errors(on: samples, parameters: Numbers(model.parameters, precision: .float64))
        let found = try predictions(model, samples)
        let expected = plainLoss(loss, samples, found)
        #expect(abs(errors.total(loss) - expected) < 1e-12 * expected)
        for term in loss.terms {
            let alone = Loss([LossTerm(term.component, weight: .init(1), form: term.form, exponent: term.exponent)])
            let expected = plainLoss(alone, samples, found)
            #expect(abs(errors.lossComponents[term.name]! - expected) < 1e-12 * expected, "\(term.name)")
        }
        #expect(errors.lossComponents.count == 5)
    }

    /// By hand: a term of a system of two atoms is divided by d N^p.
    @Test func theNormalisationByHand() {
        func factor(_ component: PropertyLoss, exponent: Int? = nil) -> Double {
            LossTerm(component, weight: .init(1), exponent: exponent).factor(atoms: 2)
        }
        #expect(factor(.perSystemEnergy) == 1)
        #expect(factor(.perAtomEnergy) == 1.0 / 2)
        #expect(factor(.perAtomEnergy, exponent: 2) == 1.0 / 4)
        #expect(abs(factor(.perAtomForce) - 1.0 / 6) < 1e-16)
        #expect(factor(.totalCharge) == 1 && factor(.dipole) == 1 && factor(.quadrupole) == 1)
        #expect(factor(.charge) == 1.0 / 2 && factor(.spinMultiplicity) == 1.0 / 2)
    }

    /// modelforge's numbers for total charges: the mean of (ΔQ)² over four systems; and the other forms, by hand.
    @Test(arguments: [
        ([2.1, 0.9, -1.1, -1.9], LossForm.squared, 0.51), ([1.1, 0.9, -1.1, -0.9], .squared, 0.01),
        ([2.1, 0.9, -1.1, -1.9], .absolute, (1.1 + 0.1 + 0.1 + 0.9) / 4),
        // Errors 1.1, −0.1, −0.1, −0.9 with δ = 1/2: e² or 2δ|e| − δ².
        ([2.1, 0.9, -1.1, -1.9], .huber(threshold: 0.5), (0.85 + 0.01 + 0.01 + 0.65) / 4),
    ])
    func formsByHand(charges: [Double], form: LossForm, expected: Double) throws {
        let graph = Graph()
        let error = graph.input("predicted", rows: .systems) - graph.input("label", rows: .systems)
        let executor = Executor(
            program: compile(outputs: [form.sum(error)]), precision: .float64, threads: 1,
            instructionSet: bestInstructionSet)
        let outputs = try executor.run(chunks: 1, parameters: Numbers([], precision: .float64)) { _, chunk in
            chunk.systems = 4
            chunk.inputs = ["predicted": charges, "label": [1, 1, -1, -1]]
        }
        #expect(abs(outputs[0][0].reduce(0, +) / 4 - expected) < 1e-15)
    }

    @Test func unitsOfTerms() {
        let units = UnitSystem.electronvoltAngstrom
        #expect(LossTerm(PropertyLoss.perAtomForce, weight: .init(1)).unit(in: units).symbol == "eV^2/Å^2")
        #expect(LossTerm(PropertyLoss.dipole, weight: .init(1), form: .absolute).unit(in: units).symbol == "e·Å")
        #expect(
            LossTerm(PropertyLoss.quadrupole, weight: .init(1), form: .huber(threshold: 1)).unit(in: units).symbol
                == "e^2·Å^4")
    }

    @Test func whatALossCompares() {
        #expect(Loss(weights: [.perAtomForce: 1]).properties == [.forces])
        #expect(Loss(weights: [.perAtomEnergy: 1, .perSystemEnergy: 1]).properties == [.energy])
        #expect(Loss(weights: [.perAtomForce: 1]).usesForces && !Loss(weights: [.dipole: 1]).usesForces)
    }
}

@Suite struct WeightScheduleTests {
    @Test func aWeightWithoutTargetStays() {
        #expect([1, 5, 100].map { WeightSchedule(0.3).weight(epoch: $0) } == [0.3, 0.3, 0.3])
    }

    /// modelforge: arange(weight, target, step), then the target.
    @Test func weightsApproachTheirTargets() {
        let rising = WeightSchedule(0, target: 1, step: 0.25)
        #expect((1...7).map { rising.weight(epoch: $0) } == [0, 0.25, 0.5, 0.75, 1, 1, 1])
        let falling = WeightSchedule(1, target: 0.25, step: 0.5)
        #expect((1...4).map { falling.weight(epoch: $0) } == [1, 0.5, 0.25, 0.25])
        #expect((1...4).map { WeightSchedule(1, target: 0.25, step: -0.5).weight(epoch: $0) } == [1, 0.5, 0.25, 0.25])
        #expect(rising.mixingEpochs == 4 && falling.mixingEpochs == 2)
        // 0.1 is not a whole fraction of 0.3 in binary; there is no extra epoch.
        #expect(WeightSchedule(0, target: 0.3, step: 0.1).mixingEpochs == 3)
    }

    @Test func trainingFollowsTheSchedule() throws {
        var settings = quickSettings(epochs: 3)
        settings.loss = Loss([
            LossTerm(PropertyLoss.perAtomForce, weight: .init(1)),
            LossTerm(PropertyLoss.perSystemEnergy, weight: .init(0, target: 2, step: 1)),
        ])
        let record = try train(
            settings, try harmonicSamples(count: 8), validation: try harmonicSamples(count: 4, seed: 9))
        for (summary, weight) in zip(record.summaries, [0.0, 1, 2]) {
            let means = summary.training.lossComponents
            let expected = means["per_atom_force"]! + weight * means["per_system_energy"]!
            #expect(abs(summary.trainingLoss - expected) < 1e-12)
            let validated = summary.validation!.lossComponents
            let atTheEnd = validated["per_atom_force"]! + 2 * validated["per_system_energy"]!
            #expect(abs(summary.validationLoss! - atTheEnd) < 1e-12)
        }
    }
}
