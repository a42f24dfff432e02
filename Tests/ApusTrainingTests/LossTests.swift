import ApusChemistry
import ApusGraph
import ApusPotentials
import Testing

@testable import ApusTraining

private let weights: [LossComponent: Double] = [.perSystemEnergy: 0.3, .perAtomEnergy: 1.7, .perAtomForce: 0.9]

/// Samples of 1 to 6 atoms whose labels are far from any prediction.
private func mixedSamples() throws -> [Sample] {
    try harmonicSamples(count: 7, atoms: [5, 2, 1, 6, 3])
}

/// The definition of the loss, from energies and forces.
private func plainLoss(_ weights: [LossComponent: Double], _ samples: [Sample], _ found: [Prediction]) -> Double {
    var total = 0.0
    for (sample, prediction) in zip(samples, found) {
        let atoms = Double(sample.system.count)
        let energyError = prediction.energy - sample.energy!
        var forceError = 0.0
        for (force, label) in zip(prediction.forces, sample.forces!) {
            for axis in 0..<3 { forceError += (force[axis] - label[axis]) * (force[axis] - label[axis]) }
        }
        total += weights[.perSystemEnergy, default: 0] * energyError * energyError
        total += weights[.perAtomEnergy, default: 0] * energyError * energyError / atoms
        total += weights[.perAtomForce, default: 0] * forceError / (3 * atoms)
    }
    return total / Double(samples.count)
}

private func predictions(_ model: EnergyModel, _ samples: [Sample]) throws -> [Prediction] {
    try Predictor(model, precision: .float64, threads: 1, instructionSet: bestInstructionSet)
        .predict(samples.map(\.system))
}

/// The gradient of the loss by all parameters, with the batch cut into the given chunks.
private func lossGradient(
    _ model: EnergyModel, _ loss: Loss, _ samples: [Sample], chunks: [Range<Int>]
) throws -> [Double] {
    let lossGraph = LossGraph(model.graph, loss)
    let executor = Executor(
        program: lossGraph.program, precision: .float64, threads: 1, instructionSet: bestInstructionSet)
    let cutoff = model.architecture.representation.cutoff
    _ = try executor.run(chunks: chunks.count, parameters: Numbers(model.parameters, precision: .float64)) { k, chunk in
        try chunk.fill(with: samples[chunks[k]].map(\.system), cutoff: cutoff)
        lossGraph.fill(&chunk, with: samples[chunks[k]], batch: samples.count)
    }
    return (0..<model.parameters.count).map { executor.sums[$0] }
}

@Suite struct LossTests {
    /// The differences need the loss alone, whose definition stands above: sign and normalisation are checked with it.
    @Test(arguments: ["SchNet", "PaiNN"])
    func theGradientIsThatOfTheDefinition(_ name: String) throws {
        let model = smallModel(name, scale: 1.5, shift: -0.2)
        let samples = try mixedSamples()
        for used in [weights] + weights.map({ [$0.key: $0.value] }) {
            let gradient = try lossGradient(model, Loss(weights: used), samples, chunks: [0..<samples.count])
            let scale = gradient.map(abs).max() ?? 0
            #expect(scale > 0.01)
            var generator = SeededGenerator(seed: 4)
            let step = 1e-5
            var found: [Double] = []
            var expected: [Double] = []
            for _ in 0..<40 {
                let k = generator.index(below: model.parameters.count)
                let values = try [step, -step].map { change in
                    var moved = model
                    moved.parameters[k] += change
                    return plainLoss(used, samples, try predictions(moved, samples))
                }
                found.append(gradient[k])
                expected.append((values[0] - values[1]) / (2 * step))
            }
            // The step's square, 1e-10, and the rounding of the loss over the step, 1e-11, times the loss.
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 * scale }, "\(used)")
            #expect(found.contains { abs($0) > 1e-3 * scale })
        }
    }

    @Test func chunksAddUpToTheBatch() throws {
        let model = smallModel()
        let samples = try mixedSamples()
        let loss = Loss(weights: weights)
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
        let model = smallModel()
        let samples = try mixedSamples()
        let evaluator = Evaluator(
            model, withForces: true, precision: .float64, threads: 1, instructionSet: bestInstructionSet)
        let errors = try evaluator.errors(on: samples, parameters: Numbers(model.parameters, precision: .float64))
        let found = try predictions(model, samples)
        let expected = plainLoss(weights, samples, found)
        #expect(abs(errors.total(Loss(weights: weights)) - expected) < 1e-12 * expected)
        for (component, value) in errors.lossComponents {
            let alone = plainLoss([component: 1], samples, found)
            #expect(abs(value - alone) < 1e-12 * alone, "\(component.rawValue)")
        }
        #expect(errors.lossComponents.count == 3)
    }

    /// By hand: two systems, of one and of two atoms, whose energies are off by 2 and 3.
    @Test func theNormalisationByHand() throws {
        let one = try sample(
            AtomicSystem(numbers: [8], positions: [.zero]), energy: 1, forces: [SIMD3(0, 0, 0)])
        let two = try sample(
            AtomicSystem(numbers: [1, 1], positions: [.zero, SIMD3(1, 0, 0)]), energy: -1,
            forces: [SIMD3(1, 0, 0), SIMD3(-1, 0, 0)])
        var errors = EvaluationErrors()
        errors.add(energy: 3, forces: [0, 0, 0], one)
        errors.add(energy: -4, forces: [1, 0, 0, -1, 6, 0], two)
        #expect(errors.lossComponents[.perSystemEnergy] == (4.0 + 9) / 2)
        #expect(errors.lossComponents[.perAtomEnergy] == (4.0 + 9.0 / 2) / 2)
        #expect(errors.lossComponents[.perAtomForce] == (0.0 + 36.0 / 6) / 2)
        let loss = Loss(weights: weights)
        #expect(abs(errors.total(loss) - (0.3 * 6.5 + 1.7 * 4.25 + 0.9 * 3)) < 1e-14)
        #expect(loss.energyWeight(atoms: 2, systems: 5) == (0.3 + 1.7 / 2) / 5)
        #expect(abs(loss.forceWeight(atoms: 2, systems: 5) - 0.9 / 30) < 1e-16)
    }

    @Test func whatALossCompares() {
        #expect(Loss(weights: [.perAtomForce: 1]).usesForces)
        #expect(!Loss(weights: [.perAtomForce: 1]).usesEnergies)
        #expect(!Loss(weights: [.perAtomEnergy: 1]).usesForces)
        #expect(Loss(weights: [.perAtomEnergy: 1]).usesEnergies)
        #expect(Loss(weights: [.perSystemEnergy: 1]).usesEnergies)
    }
}
