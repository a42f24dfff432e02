import ApusCPU
import ApusGraph
import ApusPotentials
import Testing

@testable import ApusTraining

/// The self-energies of the kept model are fitted again, and the validation sees it.
@Suite struct EnergyRefitTests {
    private func trainer(_ change: (inout TrainingSettings) -> Void = { _ in }) throws -> Trainer {
        var settings = quickSettings(epochs: 3)
        // Forces alone know nothing of the constant that μ is wrong by.
        settings.loss = Loss(weights: [.perAtomForce: 1])
        settings.reported = [.energy]
        change(&settings)
        return try Trainer(
            smallModel(shift: 0.7), settings, training: harmonicSamples(count: 40),
            validation: harmonicSamples(count: 16, seed: 9), on: bestDevice(.float64))
    }

    private func meanError(_ model: EnergyModel, _ samples: [Sample]) throws -> Double {
        let predictor = Predictor(model, on: bestDevice(.float64))
        let errors = zip(try predictor.predict(samples.map(\.system)), samples).map { ($0.energy - $1.energy!) }
        return errors.reduce(0, +) / Double(samples.reduce(0) { $0 + $1.system.count })
    }

    /// The weighted fit leaves Σ r = 0 exactly.
    @Test func energiesOfTheTrainingPartAreRightOnAverage() throws {
        let samples = try harmonicSamples(count: 40)
        let refitted = try trainer()
        _ = try refitted.run { _ in }
        #expect(abs(try meanError(refitted.best, samples)) < 1e-10)
        let plain = try trainer { $0.energyRefit = nil }
        _ = try plain.run { _ in }
        #expect(abs(try meanError(plain.best, samples)) > 1e-3)
        #expect(
            plain.best.parameters == refitted.best.parameters && plain.best.selfEnergies == smallModel().selfEnergies)
    }

    @Test func validationIsThatOfTheKeptModel() throws {
        let trainer = try trainer { $0.monitor = .errors(.property(.energy), .mae) }
        var summaries: [EpochSummary] = []
        _ = try trainer.run { if case .epochEnded(let summary) = $0 { summaries.append(summary) } }
        let best = try #require(trainer.bestEpoch)
        let samples = try harmonicSamples(count: 16, seed: 9)
        let predictor = Predictor(trainer.best, on: bestDevice(.float64))
        let errors = zip(try predictor.predict(samples.map(\.system)), samples).map { abs($0.energy - $1.energy!) }
        #expect(abs(errors.reduce(0, +) / 16 - best.metric) < 1e-12)
        #expect(summaries[best.epoch - 1].validation?.byProperty[.energy]?.mae == best.metric)
        let all = summaries.compactMap { $0.validation?.byProperty[.energy]?.mae }
        #expect(all.count == summaries.count && all.min() == best.metric)
    }

    @Test func theBestModelComesBack() throws {
        let trainer = try trainer()
        _ = try trainer.run { _ in }
        let again = try self.trainer()
        _ = try again.restore(trainer.state)
        #expect(again.best == trainer.best && trainer.best.selfEnergies != smallModel().selfEnergies)
    }

    /// Given self-energies stay; the constant goes into μ, and a state brings it back.
    @Test func givenSelfEnergiesAreKept() throws {
        let samples = try harmonicSamples(count: 40)
        let constant = try trainer { $0.energyRefit = .constant }
        _ = try constant.run { _ in }
        #expect(constant.best.selfEnergies == smallModel().selfEnergies && constant.best.shift != 0.7)
        #expect(abs(try meanError(constant.best, samples)) < 1e-10)
        let again = try trainer { $0.energyRefit = .constant }
        _ = try again.restore(constant.state)
        #expect(again.best == constant.best)
        // A state keeps what was fitted, whatever is fitted from now on.
        let other = try trainer { $0.energyRefit = .elements }
        _ = try other.restore(constant.state)
        #expect(other.best == constant.best)
    }

    /// Of 256 systems every fourth is looked at, and these have no energies.
    @Test func systemsWithoutEnergiesAreNotCounted() throws {
        let samples = try harmonicSamples(count: 256).enumerated().map { k, each in
            try sample(each.system, energy: k % 4 == 0 ? nil : each.energy, forces: each.forces)
        }
        var settings = quickSettings(epochs: 1)
        settings.loss = Loss(weights: [.perAtomForce: 1])
        settings.masksMissingLabels = true
        let trainer = try Trainer(
            smallModel(shift: 0.7), settings, training: samples, validation: [], on: bestDevice())
        _ = try trainer.run { _ in }
        #expect(trainer.best.selfEnergies != smallModel().selfEnergies)
    }

    @Test func nothingIsFittedWithoutEnergies() throws {
        let samples = try harmonicSamples(count: 4).map { try sample($0.system, energy: nil, forces: $0.forces) }
        var settings = quickSettings(epochs: 1)
        settings.loss = Loss(weights: [.perAtomForce: 1])
        let record = try train(settings, samples)
        #expect(record.best.selfEnergies == smallModel().selfEnergies)
    }
}
