import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusTraining

/// Labels that are missing, atoms that are held fixed, and weights of configurations.
@Suite struct MaskTests {
    private let model = smallModel("PaiNN", heads: [ChargeHead()])

    /// Samples of 2 to 6 atoms with random labels, of which `change` may take some.
    private func samples(_ change: (Int, inout [Property: [Double]]) -> Void) throws -> [Sample] {
        try harmonicSamples(count: 6, atoms: [5, 2, 6, 3]).map { try $0.withRandomLabels(seed: 7) }.enumerated().map {
            var labels = $1.labels
            change($0, &labels)
            return try sample($1.system, labels: labels, named: $1.name)
        }
    }

    private func gradient(_ loss: Loss, _ samples: [Sample], chunks: [Range<Int>]? = nil) throws -> [Double] {
        let graph = LossGraph(model, loss: loss)
        let program = graph.training(on: bestDevice(.float64))
        return try ApusTrainingTests.gradient(
            program, model, graph.layout, samples, chunks: chunks ?? [0..<samples.count],
            weights: graph.layout.shares(loss.weights(epoch: 1), of: samples))
    }

    /// Each component sees the mean over what it compares, as if its samples were a batch of their own.
    @Test func aBatchWithMissingLabelsIsTheSumOfSeparateOnes() throws {
        let batch = try samples { number, labels in
            if number % 2 == 0 { labels[.forces] = nil }
            if number % 3 == 0 { labels[.energy] = nil }
            if number != 4 { labels[.dipole] = nil }
        }
        let terms = [(PropertyLoss.perAtomEnergy, 0.3), (.perAtomForce, 0.9), (.dipole, 2)].map {
            LossTerm($0.0, weight: .init($0.1))
        }
        let whole = try gradient(Loss(terms), batch)
        var expected = [Double](repeating: 0, count: whole.count)
        for term in terms {
            let part = batch.filter { $0.isCompared(by: term) }
            #expect((1..<batch.count).contains(part.count))
            for (k, value) in try gradient(Loss([term]), part).enumerated() { expected[k] += value }
        }
        #expect(relativeError(whole, expected) < 1e-12)
        // Chunks without any label of a component add nothing.
        #expect(relativeError(try gradient(Loss(terms), batch, chunks: [0..<1, 1..<4, 4..<6]), whole) < 1e-12)
    }

    /// L = 1/M Σ_s ω_s Σ_free ΔF²/(3 N_free) against differences of this definition.
    @Test func fixedAtomsAndWeightsInTheGradient() throws {
        let batch = try samples { number, labels in
            let atoms = labels[.forces]!.count / 3
            labels[.forceMask] = (0..<atoms).map { ($0 + number) % 2 == 0 ? 1 : 0 }
            labels[.configurationWeight] = [0.5 + Double(number)]
        }
        func loss(_ model: EnergyModel) throws -> Double {
            let predictions = try Predictor(
                model, on: bestDevice(.float64)
            ).predict(batch.map(\.system))
            var total = 0.0
            for (number, (sample, prediction)) in zip(batch, predictions).enumerated() {
                let free = (0..<sample.system.count).filter { ($0 + number) % 2 == 0 }
                for atom in free {
                    let label = sample.labels[.forces]![3 * atom..<3 * atom + 3]
                    let found = prediction.labels[.forces]![3 * atom..<3 * atom + 3]
                    total +=
                        (0.5 + Double(number)) / Double(3 * free.count)
                        * zip(found, label).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                }
            }
            return total / Double(batch.count)
        }
        let found = try gradient(Loss(weights: [.perAtomForce: 1]), batch)
        let scale = found.map(abs).max() ?? 0
        for k in stride(from: 0, to: found.count, by: 41) {
            let values = try [1e-5, -1e-5].map { change in
                var moved = model
                moved.parameters[k] += change
                return try loss(moved)
            }
            // The step's square and the rounding of the loss over the step, as in LossTests.
            #expect(abs((values[0] - values[1]) / 2e-5 - found[k]) < 1e-7 * scale, "\(k)")
        }
    }

    /// Errors leave fixed atoms out, and are not weighted.
    @Test func errorsOfFreeAtomsAlone() throws {
        let batch = try samples { number, labels in
            guard number == 0 else { return }
            labels[.forceMask] = [0, 1, 1, 0, 1]
            labels[.forces]![0] = 1e6
            labels[.configurationWeight] = [1e3]
        }
        let evaluator = Evaluator(
            model, loss: Loss(weights: [.perAtomForce: 1]), on: bestDevice(.float64))
        let errors = try evaluator.errors(
            on: [batch[0]], parameters: Numbers(model.parameters, precision: .float64))
        #expect(errors.byProperty[.forces]?.count == 9)
        #expect(errors.byProperty[.forces]!.largest < 1e3)
        #expect(errors.forceByElement.values.reduce(0) { $0 + $1.count } == 9)
        let mean = errors.byProperty[.forces]!.rmse * errors.byProperty[.forces]!.rmse
        #expect(abs(errors.lossComponents["per_atom_force"]! / (1e3 * mean) - 1) < 1e-12)
    }

    /// A system all of whose atoms are fixed has no forces; a mask without zeros is none.
    @Test func masksThatSayNothing() throws {
        let all = try samples { _, labels in labels[.forceMask] = labels[.charges]!.map { _ in 1 } }
        #expect(all.allSatisfy { $0.labels[.forceMask] == nil && $0.labels[.forces] != nil })
        let none = try samples { _, labels in labels[.forceMask] = labels[.charges]!.map { _ in 0 } }
        #expect(none.allSatisfy { $0.labels[.forceMask] == nil && $0.labels[.forces] == nil })
    }

    @Test func missingLabelsAreRefusedUnlessMasked() throws {
        let batch = try samples { number, labels in if number == 3 { labels[.forces] = nil } }
        var settings = TrainingSettings()
        settings.epochs = 1
        func train(_ samples: [Sample]) throws {
            let trainer = try Trainer(
                model, settings, training: samples, validation: samples, on: bestDevice())
            _ = try trainer.run { _ in }
        }
        #expect(throws: (any Error).self) { try train(batch) }
        settings.masksMissingLabels = true
        try train(batch)
        // Nothing to learn forces from.
        #expect(throws: (any Error).self) { try train([batch[3]]) }
    }
}
