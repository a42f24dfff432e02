import ApusCPU
import ApusFiles
import ApusGraph
import Testing

@testable import ApusTraining

/// Stochastic weight averaging against PyTorch, by the hand, and across a stop.
@Suite struct AveragingTests {
    /// The rates of `SWALR`; the averages of `AveragedModel` where the same gradients are followed with them.
    @Test func ratesAndAveragesFollowPyTorch() throws {
        let golden = try #require(try scheduleGolden()["averaging"])
        let gradients = try #require(golden["gradients"]?.array).compactMap(\.reals)
        let runs = try #require(golden["runs"]?.array)
        #expect(runs.count == 3 && gradients.count == 12)
        for run in runs {
            let first = try #require(golden["first"]?.integer)
            var settings = TrainingSettings()
            settings.learningRate = try #require(golden["lr"]?.real)
            settings.schedule = ExponentialDecay(factor: try #require(golden["gamma"]?.real))
            settings.stochasticAveraging = StochasticAveraging(
                firstEpoch: first, rate: try #require(golden["swa_lr"]?.real),
                annealing: try #require(run["annealing"]?.integer),
                strategy: try #require(.init(rawValue: run["strategy"]?.string ?? "")))
            let rates = try #require(run["rates"]?.reals)
            let averages = try #require(run["averages"]?.array).compactMap(\.reals)
            try #require(rates.count == 12 && averages.count == 9)
            var rate = LearningRate(settings) { 1 }
            var parameters = try #require(golden["initial"]?.reals)
            let average = Numbers(count: 3, precision: .float64)
            for epoch in 1...12 {
                // PyTorch goes from rate to rate with a few roundings each time.
                #expect(abs(rate.value - rates[epoch - 1]) <= 1e-15, "epoch \(epoch)")
                for k in 0..<3 { parameters[k] -= rate.value * gradients[epoch - 1][k] }
                if epoch < first {
                    rate.epochEnded(metric: nil)
                    continue
                }
                average.approach(Numbers(parameters, precision: .float64), by: 1 / Double(epoch - first + 1))
                rate.averagedEpochEnded()
                for (found, wanted) in zip(average.values, averages[epoch - first]) {
                    #expect(abs(found - wanted) <= 1e-14, "epoch \(epoch)")
                }
            }
        }
    }

    private func settings() -> TrainingSettings {
        var settings = quickSettings(epochs: 6)
        settings.stochasticAveraging = StochasticAveraging(firstEpoch: 3, rate: 1e-3, annealing: 2, strategy: .linear)
        return settings
    }

    /// The mean of what the parameters were at the ends of epochs 3 to 6.
    @Test func theMeanOfTheLastEpochsIsKept() throws {
        let trainer = try Trainer(
            smallModel(), settings(), training: harmonicSamples(count: 24), validation: [],
            on: bestDevice(.float64))
        var ends: [[Double]] = []
        var rates: [Double] = []
        _ = try trainer.run { event in
            guard case .epochEnded(let summary) = event else { return }
            ends.append(trainer.parameterValues)
            rates.append(summary.learningRate)
        }
        let start = rates[0]
        #expect(rates == [start, start, start, start + (1e-3 - start) * 0.5, 1e-3, 1e-3])
        let kept = try #require(trainer.state.average)
        let last = ends[2...]
        for (k, found) in kept.enumerated() {
            let mean = last.reduce(0) { $0 + $1[k] } / 4
            #expect(abs(found - mean) <= 1e-14 * max(1, abs(mean)))
        }
        #expect(kept != ends[5])
    }

    /// The schedule has stopped, as PyTorch's does when `SWALR` takes over: β₁ stays what it was.
    @Test func momentumStandsStillWhileAveraging() {
        var settings = TrainingSettings()
        settings.schedule = CyclicRate(minimum: 1e-4, maximum: 1e-3, epochsUp: 3)
        settings.scheduleInterval = .step
        settings.stochasticAveraging = StochasticAveraging(firstEpoch: 2, rate: 1e-3)
        var rate = LearningRate(settings) { 1 }
        var momenta: [Double] = []
        for epoch in 1...4 {
            for _ in 0..<4 {
                momenta.append(rate.momentum ?? .nan)
                rate.stepEnded()
            }
            if epoch < 2 { rate.epochEnded(metric: nil) } else { rate.averagedEpochEnded() }
        }
        #expect(Set(momenta[..<8]).count > 2)
        #expect(Set(momenta[8...]).count == 1 && momenta[8].isFinite)
    }

    @Test func averagingGoesOnAfterAStop() throws {
        let samples = try harmonicSamples(count: 24)
        func trainer() throws -> Trainer {
            try Trainer(
                smallModel(), settings(), training: samples, validation: [], on: bestDevice(.float64))
        }
        let undisturbed = try trainer()
        _ = try undisturbed.run { _ in }
        var last = try trainer()
        for _ in 0..<100 {
            var steps = 0
            let end = try last.run(isInterrupted: { steps == 2 }) { if case .step = $0 { steps += 1 } }
            if end == .epochs { break }
            let next = try trainer()
            try next.restore(last.state)
            last = next
        }
        var (final, whole) = (last.state, undisturbed.state)
        (final.progress.seconds, whole.progress.seconds) = (0, 0)
        #expect(final == whole)
        #expect(final.progress.averaged == 4)
    }
}
