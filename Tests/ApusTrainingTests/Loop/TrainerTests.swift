import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusCPU
@testable import ApusTraining

@Suite struct TrainerTests {
    @Test(arguments: ["SchNet", "PaiNN"], [Precision.float32, .float64])
    func theLossFalls(_ name: String, _ precision: Precision) throws {
        let settings = quickSettings(epochs: 30)
        let record = try train(
            settings, harmonicSamples(count: 32), validation: harmonicSamples(count: 8, seed: 9),
            model: smallModel(name), on: bestDevice(precision))
        let losses = record.summaries.map(\.trainingLoss)
        #expect(record.end == .epochs && losses.count == 30)
        #expect(losses[29] < 0.1 * losses[0])
        #expect(record.bestMetric < 0.1 * (record.summaries[0].validationLoss ?? 0))
    }

    @Test func everythingIsReportedInOrder() throws {
        let samples = try harmonicSamples(count: 21)
        let record = try train(quickSettings(epochs: 2), samples, validation: harmonicSamples(count: 3, seed: 9))
        #expect(record.begun == [1, 2])
        #expect(record.steps.map(\.systems) == [8, 8, 5, 8, 8, 5])
        #expect(record.summaries.map(\.epoch) == [1, 2])
        for (summary, last) in zip(record.summaries, [record.steps[2], record.steps[5]]) {
            // The last step of an epoch tells the mean over the epoch.
            #expect(summary.trainingLoss == last.loss)
            #expect(summary.training.byProperty[.energy]?.count == 21)
            #expect(summary.validation?.byProperty[.energy]?.count == 3)
            #expect(summary.learningRate == 5e-3)
            #expect(summary.gradientNorm > 0 && summary.systemsPerSecond > 0)
        }
        #expect(record.summaries[1].seconds > record.summaries[0].seconds)
    }

    /// Enough molecules for every lane to get several chunks.
    @Test func anyNumberOfThreadsGivesTheSameBits() throws {
        let samples = try harmonicSamples(count: 300, atoms: [9, 10, 2])
        let chunks = ChunkPlan.cut(atomCounts: samples.map(\.system.count)).count
        #expect(chunks > LaneTree.laneCount(chunks: chunks))
        var settings = quickSettings(epochs: 3)
        settings.batchSize = 300
        settings.averagingDecay = 0.9
        settings.gradientClip = .norm(1)
        let records = try [1, 2, 5].map { threads in
            try train(
                settings, samples, validation: Array(samples.prefix(40)), model: smallModel("PaiNN"),
                on: bestDevice(threads: threads))
        }
        for record in records.dropFirst() {
            #expect(record.best.parameters == records[0].best.parameters)
            #expect(record.bestMetric == records[0].bestMetric)
            #expect(record.summaries.map(\.training) == records[0].summaries.map(\.training))
            #expect(record.summaries.map(\.validation) == records[0].summaries.map(\.validation))
            #expect(record.summaries.map(\.gradientNorm) == records[0].summaries.map(\.gradientNorm))
        }
        #expect(records[0].best.parameters != smallModel("PaiNN").parameters)
    }

    @Test(arguments: [true, false])
    func optimizersAndSchedulesGiveTheSameBitsForAnyNumberOfThreads(_ isAdam: Bool) throws {
        var adam = Adam()
        adam.usesLargestMoment = true
        var settings = quickSettings(epochs: 2)
        settings.optimizer = isAdam ? adam : GradientDescent(momentum: 0.9, isNesterov: true)
        settings.gradientClip = .value(0.01)
        settings.schedule = OneCycle(maximum: 5e-3)
        settings.scheduleInterval = .step
        settings.warmUp = WarmUp(length: 2)
        let model = smallModel("PaiNN")
        let samples = try harmonicSamples(count: 32)
        let records = try [1, 3].map { threads in
            try train(settings, samples, model: model, on: bestDevice(threads: threads))
        }
        #expect(records[0].best.parameters == records[1].best.parameters)
        #expect(records[0].best.parameters != model.parameters)
    }

    @Test func theSeedDecidesTheOrder() throws {
        let samples = try harmonicSamples(count: 24)
        var settings = quickSettings(epochs: 3)
        let first = try train(settings, samples)
        let second = try train(settings, samples)
        settings.seed = 43
        let third = try train(settings, samples)
        #expect(first.best.parameters == second.best.parameters)
        #expect(first.steps.map(\.loss) == second.steps.map(\.loss))
        #expect(first.best.parameters != third.best.parameters)
    }

    /// Validation data that obey the opposite law get worse as training goes on.
    @Test func theBestModelIsKeptAndNotTheLast() throws {
        let validation = try harmonicSamples(count: 8, seed: 9, sign: -2)
        var settings = quickSettings(epochs: 30)
        // The validation part of the test keeps the energies as they are.
        settings.energyRefit = nil
        let record = try train(settings, harmonicSamples(count: 32), validation: validation)
        let losses = record.summaries.map { $0.validationLoss ?? .nan }
        let best = try #require(losses.min())
        #expect(record.bestMetric == best)
        #expect(losses[29] > 1.05 * best)
        var running = Double.infinity
        for (summary, loss) in zip(record.summaries, losses) {
            #expect(summary.isBest == (loss < running))
            running = min(running, loss)
        }
        let errors = try Evaluator(
            record.best, loss: quickSettings(epochs: 1).loss, on: bestDevice()
        ).errors(on: validation, parameters: Numbers(record.best.parameters, precision: .float32))
        #expect(errors.total(quickSettings(epochs: 1).loss) == best)
    }

    @Test func theMonitorDecidesWhatIsBest() throws {
        var settings = quickSettings(epochs: 10)
        settings.monitor = .errors(.property(.forces), .rmse)
        let record = try train(settings, harmonicSamples(count: 16), validation: harmonicSamples(count: 4, seed: 9))
        let errors = record.summaries.compactMap { $0.validation?.byProperty[.forces]?.rmse }
        #expect(record.bestMetric == errors.min())
    }

    @Test func withoutValidationTheTrainingErrorsDecide() throws {
        let record = try train(quickSettings(epochs: 4), harmonicSamples(count: 16))
        #expect(record.summaries.allSatisfy { $0.validation == nil && $0.validationLoss == nil })
        #expect(record.bestMetric == record.summaries.map(\.trainingLoss).min())
    }

    @Test func energiesAloneAndForcesAloneAreLearned() throws {
        for component in [PropertyLoss.perSystemEnergy, .perAtomEnergy, .perAtomForce] {
            var settings = quickSettings(epochs: 15)
            settings.loss = Loss(weights: [component: 1])
            let record = try train(settings, harmonicSamples(count: 16))
            #expect(record.summaries[14].trainingLoss < 0.5 * record.summaries[0].trainingLoss)
            #expect((record.summaries[0].training.byProperty[.forces] != nil) == (component == .perAtomForce))
        }
    }

    @Test func theTimeLimitEndsTraining() throws {
        var settings = quickSettings(epochs: 1000)
        settings.maximumSeconds = 1e-9
        let record = try train(settings, harmonicSamples(count: 8))
        #expect(record.end == .time && record.summaries.count == 1)
    }

    @Test func aPlateauLowersTheRateAndStoppingEnds() throws {
        var settings = quickSettings(epochs: 200)
        var schedule = ReduceOnPlateau()
        (schedule.factor, schedule.patience) = (0.5, 0)
        settings.schedule = schedule
        settings.earlyStopping = EarlyStopping(patience: 3, minimumDelta: 0, monitor: .loss)
        let record = try train(
            settings, harmonicSamples(count: 16), validation: harmonicSamples(count: 4, seed: 9, sign: -2))
        #expect(record.end == .earlyStopping && record.summaries.count < 200)
        let losses = record.summaries.map { $0.validationLoss ?? .nan }
        // The four epochs after the best one bring no improvement; the rate of an epoch answers to the one before.
        let best = try #require(losses.firstIndex(of: losses.min() ?? .nan))
        #expect(losses.count == best + 5)
        var expected = ReduceOnPlateau()
        (expected.factor, expected.patience) = (0.5, 0)
        var rate = settings.learningRate
        var memory: [String: Double] = [:]
        for summary in record.summaries {
            #expect(summary.learningRate == rate)
            rate = expected.rate(rate, after: summary.validationLoss ?? .nan, &memory)
        }
        #expect(rate < settings.learningRate)
    }

    /// After one step the average has gone 9/11 of the way from the first parameters, unless the decay is smaller.
    @Test func theAverageFollowsTheParameters() throws {
        let samples = try harmonicSamples(count: 8)
        var settings = quickSettings(epochs: 1)
        let stepped = try train(settings, samples, on: bestDevice(.float64)).best.parameters
        let initial = smallModel().parameters
        for (decay, kept) in [(0.999, 2.0 / 11), (0.05, 0.05)] {
            settings.averagingDecay = decay
            let averaged = try train(settings, samples, on: bestDevice(.float64)).best.parameters
            let expected = zip(initial, stepped).map { kept * $0 + (1 - kept) * $1 }
            #expect(relativeError(averaged, expected) < 1e-14)
        }
    }

    @Test func theBenchmarkMeasuresWholeSteps() throws {
        let samples = try harmonicSamples(count: 6, atoms: [3])
        let result = try ThroughputBenchmark(
            smallModel(), quickSettings(epochs: 1), batch: samples, seconds: 0, on: bestDevice())
        #expect(result.systems == 6 && result.atoms == 18 && result.pairs == 18)
        #expect(result.stepSeconds.count >= 5 && result.stepSeconds == result.stepSeconds.sorted())
        #expect(result.systemsPerSecond == 6 / result.medianSeconds)
        #expect(result.matrixOperations > 0 && result.arenaBytes > 0)
        #expect(result.profile == nil)
    }
}

/// Systems that differ in their total charge alone.
@Suite struct ChargedSystemTests {
    private func states() throws -> [Sample] {
        try harmonicSamples(count: 8).flatMap { neutral in
            try [-1, 1].map { charge in
                let system = try AtomicSystem(
                    numbers: neutral.system.numbers, positions: neutral.system.positions, charge: charge)
                return try sample(system, energy: neutral.energy! + Double(charge), forces: neutral.forces)
            }
        }
    }

    /// With the charge as input one model learns both states; without, it cannot do better than their mean.
    @Test(arguments: [true, false])
    func theTotalChargeTellsStatesApart(isInput: Bool) throws {
        var settings = quickSettings(epochs: 120)
        settings.learningRate = 1e-2
        settings.loss = Loss(weights: [.perSystemEnergy: 1])
        let model = smallModel("PaiNN", featurization: Featurization(totalCharge: isInput))
        let record = try train(settings, try states(), model: model)
        let error = record.summaries[119].training.byProperty[.energy]!.mae
        #expect(isInput ? error < 0.15 : error > 0.9, "\(error)")
    }
}
