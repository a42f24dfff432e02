import ApusCPU
import ApusGraph
import ApusPotentials
import ApusSystem
import Testing

@testable import ApusTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Training that goes on under settings that have changed, and where it ends.
@Suite struct GoingOnTests {
    /// An energy of one sample in each; the sums of what was trained on tell which samples an epoch saw.
    private func trainer(
        _ settings: TrainingSettings, count: Int = 20, validating: Int = 0, model: EnergyModel = smallModel(),
        on device: Device = bestDevice()
    ) throws -> Trainer {
        try Trainer(
            model, settings, training: harmonicSamples(count: count),
            validation: Array(harmonicSamples(count: 8, seed: 9).prefix(validating)),
            on: device)
    }

    private func settings(epochs: Int, batch: BatchSize) -> TrainingSettings {
        var settings = quickSettings(epochs: epochs)
        settings.batchSize = batch
        // The parameters never change, so that the errors of an epoch are sums over its samples alone.
        settings.learningRate = 0
        settings.weightDecay = 0
        return settings
    }

    /// With other batches, and another seed, the epoch that was begun still sees each sample once.
    @Test(arguments: [
        (3, BatchSize.systems(4)), (2, .systems(7)), (1, .systems(1)), (2, .budget(atoms: 9)), (4, .systems(100)),
    ])
    func anotherBatchSizeSeesEachSampleOnce(steps: Int, later: BatchSize) throws {
        var whole: [EpochSummary] = []
        _ = try trainer(settings(epochs: 1, batch: .systems(20))).run {
            if case .epochEnded(let summary) = $0 { whole.append(summary) }
        }
        let first = try trainer(settings(epochs: 1, batch: .systems(4)))
        var done = 0
        let end = try first.run(isInterrupted: { done == steps }) { if case .step = $0 { done += 1 } }
        #expect(end == .interruption && first.progress.samples == 4 * steps)

        var changed = settings(epochs: 1, batch: later)
        changed.seed = 7
        let second = try trainer(changed)
        try second.restore(first.state)
        var systems = 0
        var summaries: [EpochSummary] = []
        _ = try second.run { event in
            if case .step(let count, _) = event { systems += count }
            if case .epochEnded(let summary) = event { summaries.append(summary) }
        }
        #expect(systems == 20 - 4 * steps)
        let (found, expected) = (try #require(summaries.first).training, try #require(whole.first).training)
        // A sample that is left out or seen twice changes sums and counts; only the order of adding differs.
        let (energy, reference) = (found.byProperty[.energy]!, expected.byProperty[.energy]!)
        #expect(energy.count == 20 && abs(energy.mae - reference.mae) < 1e-5 * reference.mae)
        #expect(energy.largest == reference.largest)
    }

    /// With a monitor in other units, or another loss, the old value of the best epoch would win for ever, or never.
    @Test func theBestModelIsJudgedByThePresentMetric() throws {
        var settings = quickSettings(epochs: 3)
        // The samples of the test keep the energies as they are.
        settings.energyRefit = nil
        let first = try trainer(settings, validating: 8)
        _ = try first.run { _ in }
        let best = try #require(first.bestEpoch)

        let same = try trainer(settings, validating: 8)
        #expect(try same.restore(first.state) == nil && same.bestEpoch == best)

        settings.loss = Loss(weights: [.perSystemEnergy: 1e-6, .perAtomForce: 1e-6])
        settings.epochs = 6
        let weighted = try trainer(settings, validating: 8)
        let sentence = try weighted.restore(first.state)
        #expect(sentence?.contains("later epochs are compared with the loss that the best model so far") == true)
        let judged = try #require(weighted.bestEpoch)
        #expect(judged.epoch == best.epoch)
        let errors = try Evaluator(
            weighted.best, loss: settings.loss, on: bestDevice()
        ).errors(
            on: harmonicSamples(count: 8, seed: 9), parameters: Numbers(weighted.best.parameters, precision: .float32))
        #expect(judged.metric == errors.total(settings.loss) && judged.metric < 1e-3 * best.metric)

        settings.monitor = .errors(.property(.forces), .mae)
        let monitored = try trainer(settings, validating: 8)
        #expect(try monitored.restore(first.state)?.contains("per_atom_force/mae") == true)
        #expect(monitored.bestEpoch?.metric == errors.byProperty[.forces]?.mae)
    }

    /// The best model keeps its fitted energies of atoms, and is judged with them.
    @Test func theBestModelIsJudgedWithItsCorrection() throws {
        var settings = quickSettings(epochs: 3)
        let first = try trainer(settings, validating: 8, on: bestDevice(.float64))
        _ = try first.run { _ in }
        settings.loss = Loss(weights: [.perSystemEnergy: 3, .perAtomForce: 2])
        let second = try trainer(settings, validating: 8, on: bestDevice(.float64))
        _ = try second.restore(first.state)
        #expect(second.best == first.best && first.best.selfEnergies != smallModel().selfEnergies)
        let predictor = Predictor(second.best, on: bestDevice(.float64))
        let samples = try harmonicSamples(count: 8, seed: 9)
        settings.monitor = .errors(.property(.energy), .mae)
        let third = try trainer(settings, validating: 8, on: bestDevice(.float64))
        _ = try third.restore(first.state)
        let errors = zip(try predictor.predict(samples.map(\.system)), samples).map { abs($0.energy - $1.energy!) }
        #expect(abs(try #require(third.bestEpoch).metric - errors.reduce(0, +) / 8) < 1e-12)
    }

    /// In JSON, with the form that had self-energies alone.
    @Test func correctionsReadBack() throws {
        for correction in [EnergyRefit.Correction.elements([1: 0.25, 8: -0.5]), .constant(0.125)] {
            let data = try JSONEncoder().encode(correction)
            #expect(try JSONDecoder().decode(EnergyRefit.Correction.self, from: data) == correction)
        }
        let earlier = Data(#"{"1": 0.25, "8": -0.5}"#.utf8)
        #expect(
            try JSONDecoder().decode(EnergyRefit.Correction.self, from: earlier) == .elements([1: 0.25, 8: -0.5]))
    }

    @Test func withoutValidationTheNextEpochCounts() throws {
        var settings = quickSettings(epochs: 2)
        let first = try trainer(settings)
        _ = try first.run { _ in }
        settings.epochs = 3
        settings.loss = Loss(weights: [.perSystemEnergy: 1e6, .perAtomForce: 1e6])
        let second = try trainer(settings)
        #expect(try second.restore(first.state)?.contains("the next epoch is the first that counts") == true)
        #expect(second.bestEpoch == nil)
        _ = try second.run { _ in }
        #expect(second.bestEpoch?.epoch == 3)
    }

    /// Counts of early stopping and of a plateau belong to a metric too.
    @Test func watchesOfAnotherMetricBeginAnew() throws {
        var settings = quickSettings(epochs: 4)
        settings.earlyStopping = EarlyStopping(patience: 50, minimumDelta: 1e9, monitor: .loss)
        var rule = ReduceOnPlateau()
        (rule.patience, rule.threshold) = (50, 1)
        settings.schedule = rule
        let first = try trainer(settings)
        _ = try first.run { _ in }
        #expect(first.progress.earlyStopping?.badEpochs == 3)
        let same = try trainer(settings)
        try same.restore(first.state)
        #expect(same.progress.earlyStopping?.badEpochs == 3 && same.progress.schedule == first.progress.schedule)
        settings.earlyStopping?.monitor = .errors(.property(.forces), .mae)
        settings.scheduleMonitor = .errors(.property(.forces), .mae)
        let other = try trainer(settings)
        try other.restore(first.state)
        #expect(other.progress.earlyStopping == EarlyStopping.Counts())
        #expect(!first.progress.schedule.memory.isEmpty && other.progress.schedule.memory.isEmpty)
    }

    /// Another schedule counts from the beginning of the run, which is said with the rate that it gives.
    @Test func anotherScheduleIsTold() throws {
        var settings = quickSettings(epochs: 4)
        let first = try trainer(settings)
        _ = try first.run { _ in }
        settings.schedule = ExponentialDecay(factor: 0.5)
        let second = try trainer(settings)
        let notice = try #require(try second.restore(first.state))
        #expect(notice.contains("counts from the beginning of the run"))
        #expect(notice.contains(shortNumber(settings.learningRate / 16)), "\(notice)")
    }

    /// No time at all: one step, and not the whole epoch.
    @Test func theTimeLimitEndsTrainingAfterAStep() throws {
        var settings = quickSettings(epochs: 3)
        settings.batchSize = 4
        settings.maximumSeconds = 1e-9
        let limited = try trainer(settings)
        #expect(try limited.run { _ in } == .time)
        #expect(limited.progress.steps == 1 && limited.progress.samples == 4 && limited.bestEpoch == nil)
        #expect(try limited.run { _ in } == .time)
        #expect(limited.progress.steps == 1)

        // With more time it goes on where it stopped.
        settings.maximumSeconds = nil
        let whole = try trainer(settings)
        _ = try whole.run { _ in }
        let second = try trainer(settings)
        try second.restore(limited.state)
        #expect(try second.run { _ in } == .epochs)
        #expect(second.state.parameters == whole.state.parameters)
    }

    @Test func earlyStoppingWaitsForTheLeastNumberOfEpochs() throws {
        var settings = quickSettings(epochs: 30)
        settings.earlyStopping = EarlyStopping(patience: 1, minimumDelta: 1e9, monitor: .loss)
        let early = try trainer(settings)
        #expect(try early.run { _ in } == .earlyStopping)
        #expect(early.progress.epoch == 4)
        settings.minimumEpochs = 9
        let late = try trainer(settings)
        #expect(try late.run { _ in } == .earlyStopping)
        #expect(late.progress.epoch == 10)
    }

    @Test func limitsOfBatchesHold() throws {
        var settings = settings(epochs: 2, batch: .systems(4))
        (settings.trainingLimit, settings.validationLimit) = (.batches(3), .fraction(0.5))
        var epochs: [EpochSummary] = []
        let limited = try trainer(settings, validating: 8)
        _ = try limited.run { if case .epochEnded(let summary) = $0 { epochs.append(summary) } }
        #expect(limited.progress.steps == 6 && epochs.count == 2)
        #expect(epochs.allSatisfy { $0.training.byProperty[.energy]?.count == 12 })
        #expect(epochs.allSatisfy { $0.validation?.byProperty[.energy]?.count == 4 })
        // Each epoch looks at other samples.
        #expect(epochs[0].trainingLoss != epochs[1].trainingLoss)
        #expect(BatchLimit.fraction(1e-9).count(of: 5) == 1 && BatchLimit.batches(9).count(of: 5) == 5)
    }
}
