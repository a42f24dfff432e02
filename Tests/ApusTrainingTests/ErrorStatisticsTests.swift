import ApusGraph
import ApusPotentials
import Testing

@testable import ApusTraining

@Suite struct ErrorStatisticsTests {
    @Test func errorsByHand() {
        var statistics = ErrorStatistics()
        for (predicted, reference) in [(1.0, 2.0), (5, 1), (-3, -3), (0, 2)] {
            statistics.add(predicted, reference: reference)
        }
        #expect(statistics.count == 4)
        #expect(statistics.mae == 7.0 / 4)
        #expect(statistics.rmse == (21.0 / 4).squareRoot())
        #expect(statistics.largest == 4)
    }

    @Test(arguments: [0, 1, 2])
    func notANumberStaysVisible(_ position: Int) {
        var statistics = ErrorStatistics()
        for k in 0..<3 { statistics.add(k == position ? .nan : 2, reference: 1) }
        #expect(statistics.mae.isNaN && statistics.rmse.isNaN && statistics.largest.isNaN)
    }

    @Test func nothingComparedIsNotZero() {
        #expect(ErrorStatistics().mae.isNaN && ErrorStatistics().rmse.isNaN)
    }

    /// Pooled over all values, not the mean of the errors of systems.
    @Test func forceErrorsArePooled() throws {
        let samples = try harmonicSamples(count: 2, atoms: [2, 6])
        var errors = EvaluationErrors()
        for (sample, error) in zip(samples, [1.0, 3.0]) {
            let forces = sample.forces!.flatMap { [$0.x + error, $0.y - error, $0.z + error] }
            errors.add(energy: sample.energy! + error, forces: forces[...], sample)
        }
        #expect(errors.force.count == 24)
        #expect(abs(errors.force.mae - (6 * 1 + 18 * 3) / 24) < 1e-12)
        #expect(abs(errors.force.rmse - ((6 * 1 + 18 * 9) / 24.0).squareRoot()) < 1e-12)
        #expect(abs(errors.energy.mae - 2) < 1e-12)
        #expect(abs(errors.energyPerAtom.mae - (1.0 / 2 + 3.0 / 6) / 2) < 1e-12)
        let loss = Loss(weights: [.perAtomForce: 1])
        for (name, value) in [
            ("per_system_energy/mae", errors.energy.mae), ("per_system_energy/rmse", errors.energy.rmse),
            ("per_atom_energy/mae", errors.energyPerAtom.mae), ("per_atom_energy/rmse", errors.energyPerAtom.rmse),
            ("per_atom_force/mae", errors.force.mae), ("per_atom_force/rmse", errors.force.rmse),
            ("loss", errors.total(loss)),
        ] {
            #expect(errors.value(of: name, loss) == value)
            #expect(EvaluationErrors.metricNames.contains(name))
        }
        #expect(EvaluationErrors.metricNames.count == 7)
        #expect(errors.value(of: "val/loss", loss) == nil)
    }

    @Test func missingLabelsAreNotCompared() throws {
        let samples = try harmonicSamples(count: 1, atoms: [3])
        var errors = EvaluationErrors()
        errors.add(
            energy: 1, forces: [Double](repeating: 0, count: 9)[...],
            try sample(samples[0].system, energy: nil, forces: nil))
        #expect(errors.energy.count == 0 && errors.force.count == 0 && errors.lossComponents.isEmpty)
        errors.add(energy: 1, forces: nil, samples[0])
        #expect(errors.energy.count == 1 && errors.force.count == 0)
    }

    /// More systems than are computed together, against one prediction at a time; and on three threads.
    @Test func theBatchingDoesNotMatter() throws {
        let model = smallModel()
        let samples = try harmonicSamples(count: 300, atoms: [2, 4, 1])
        let parameters = Numbers(model.parameters, precision: .float64)
        let evaluate = { (threads: Int) in
            try Evaluator(
                model, withForces: true, precision: .float64, threads: threads, instructionSet: bestInstructionSet
            ).errors(on: samples, parameters: parameters)
        }
        let errors = try evaluate(1)
        #expect(try evaluate(3) == errors)
        let predictor = Predictor(model, precision: .float64, threads: 1, instructionSet: bestInstructionSet)
        var expected = EvaluationErrors()
        for sample in samples {
            let prediction = try predictor.predict([sample.system])[0]
            expected.add(
                energy: prediction.energy, forces: prediction.forces.flatMap { [$0.x, $0.y, $0.z] }[...], sample)
        }
        #expect(errors.energy.count == 300 && errors.force.count == 2100)
        for path in [\EvaluationErrors.energy, \.energyPerAtom, \.force] {
            #expect(abs(errors[keyPath: path].mae - expected[keyPath: path].mae) < 1e-12)
            #expect(abs(errors[keyPath: path].rmse - expected[keyPath: path].rmse) < 1e-12)
            #expect(abs(errors[keyPath: path].largest - expected[keyPath: path].largest) < 1e-12)
        }
    }
}
