import ApusCPU
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusTraining

/// Schedules, warm-up and optimisers against sequences of PyTorch.
@Suite struct ScheduleTests {
    @Test func schedulesFollowPyTorch() throws {
        let cases = try #require(try scheduleGolden()["schedules"]?.array)
        #expect(cases.count == 15)
        for golden in cases {
            let name = try #require(golden["name"]?.string)
            var settings = TrainingSettings()
            settings.learningRate = try #require(golden["lr"]?.real)
            settings.schedule = try schedule(name, try #require(golden["options"]))
            settings.scheduleInterval = .step
            if let warmUp = golden["warmup"] {
                settings.warmUp = WarmUp(
                    length: try #require(warmUp["total_iters"]?.integer),
                    startFactor: try #require(warmUp["start_factor"]?.real))
            }
            let rates = try #require(golden["rates"]?.reals)
            let momenta = golden["momenta"]?.reals
            var rate = LearningRate(settings)
            #expect((rate.momentum == nil) == (momenta == nil))
            for (step, wanted) in rates.enumerated() {
                // PyTorch multiplies rates from step to step, each time with a rounding or two; a cosine that has
                // come down to zero is made of differences of the size of the first rate.
                #expect(abs(rate.value - wanted) <= 4e-15 * (wanted + settings.learningRate), "\(name), step \(step)")
                if let momenta {
                    #expect(abs(try #require(rate.momentum) - momenta[step]) <= 4e-15, "\(name), step \(step)")
                }
                rate.stepEnded()
            }
        }
    }

    private func schedule(_ name: String, _ options: JSONValue) throws -> any LearningRateSchedule {
        func real(_ key: String) throws -> Double { try #require(options[key]?.real, "\(key)") }
        func integer(_ key: String) throws -> Int { try #require(options[key]?.integer, "\(key)") }
        func flag(_ key: String) throws -> Bool { try #require(options[key]?.bool as Bool?, "\(key)") }
        func momentum() throws -> ClosedRange<Double>? {
            try flag("cycle_momentum") ? try real("base_momentum")...real("max_momentum") : nil
        }
        switch name {
        case "CosineAnnealingLR":
            return CosineAnnealing(length: try integer("T_max"), minimum: try real("eta_min"))
        case "CosineAnnealingWarmRestarts":
            return CosineRestarts(
                length: try integer("T_0"), multiplier: try integer("T_mult"), minimum: try real("eta_min"))
        case "OneCycleLR":
            var cycle = OneCycle(maximum: try real("max_lr"), length: try integer("total_steps"))
            cycle.rise = try real("pct_start")
            cycle.strategy = try #require(.init(rawValue: options["anneal_strategy"]?.string ?? ""))
            cycle.divisor = try real("div_factor")
            cycle.finalDivisor = try real("final_div_factor")
            cycle.hasThreePhases = try flag("three_phase")
            cycle.momentum = try momentum()
            return cycle
        case "CyclicLR":
            var cycle = CyclicRate(
                minimum: try real("base_lr"), maximum: try real("max_lr"), rise: try integer("step_size_up"),
                fall: try integer("step_size_down"))
            cycle.mode = try #require(.init(rawValue: options["mode"]?.string ?? ""))
            cycle.factor = try real("gamma")
            cycle.momentum = try momentum()
            return cycle
        default:
            #expect(name == "ExponentialLR")
            return ExponentialDecay(factor: try real("gamma"))
        }
    }

    @Test func optimizersFollowPyTorch() throws {
        let golden = try #require(try scheduleGolden()["optimizers"])
        let initial = try #require(golden["initial"]?.reals)
        let gradients = try #require(golden["gradients"]?.array).compactMap(\.reals)
        let runs = try #require(golden["runs"]?.array)
        #expect(runs.count == 6 && gradients.count == 12)
        for run in runs {
            let name = try #require(run["name"]?.string)
            let options = try #require(run["options"])
            let optimizer: any Optimizer
            if name == "SGD" {
                optimizer = GradientDescent(
                    momentum: try #require(options["momentum"]?.real),
                    isNesterov: try #require(options["nesterov"]?.bool as Bool?))
            } else {
                let values: HyperparameterValues = [
                    "betas": .reals(try #require(options["betas"]?.reals)),
                    "eps": .real(try #require(options["eps"]?.real)),
                    "amsgrad": .flag(try #require(options["amsgrad"]?.bool as Bool?)),
                ]
                let type = try #require(standardOptimizers.first { $0.name == name })
                optimizer = try type.init(values)
            }
            let parameters = Numbers(initial, precision: .float64)
            let moments = optimizer.momentNames.map { _ in Numbers(count: initial.count, precision: .float64) }
            let given = GivenGradients(count: initial.count)
            let span = TrainedSpan(
                offset: 0, gradientOffset: 0, count: initial.count, decay: try #require(options["weight_decay"]?.real))
            let expected = try #require(run["parameters"]?.array).compactMap(\.reals)
            try #require(expected.count == gradients.count)
            for (step, (gradient, after)) in zip(gradients, expected).enumerated() {
                try given.set(gradient)
                let areFinite = optimizer.step(
                    given.executor, parameters, moments: moments, spans: [span],
                    OptimizerStep(
                        rate: try #require(options["lr"]?.real), gradients: GradientScaling(), number: step + 1))
                #expect(areFinite)
                // The order of operations is not that of PyTorch; each of them rounds to 1e-16.
                for (found, wanted) in zip(parameters.values, after) {
                    #expect(abs(found - wanted) <= 1e-13 * max(abs(wanted), 1e-2), "\(name), step \(step + 1)")
                }
            }
        }
    }

    /// With a rate of 1 and no momentum the parameters, zero before, are the negative gradient after clipping.
    @Test func elementsAreClippedAsInPyTorch() throws {
        let golden = try #require(try scheduleGolden()["clip_grad_value"])
        let gradient = try #require(golden["gradient"]?.reals)
        let limit = try #require(golden["clip_value"]?.real)
        let given = GivenGradients(count: gradient.count)
        try given.set(gradient)
        let parameters = Numbers(count: gradient.count, precision: .float64)
        let areFinite = GradientDescent().step(
            given.executor, parameters, moments: [],
            spans: [TrainedSpan(offset: 0, gradientOffset: 0, count: gradient.count, decay: 0)],
            OptimizerStep(rate: 1, gradients: GradientClip.value(limit).scaling(norm: 100), number: 1))
        #expect(areFinite)
        #expect(parameters.values.map { -$0 } == golden["clipped"]?.reals)
    }

    /// 0, 1/2 and all of the rate, then the rate is multiplied by 0.1 after every second epoch.
    @Test func warmUpInStepsGoesBeforeAScheduleInEpochs() {
        var settings = TrainingSettings()
        settings.learningRate = 1
        settings.schedule = ExponentialDecay(factor: 0.1)
        settings.scheduleFrequency = 2
        settings.warmUp = WarmUp(length: 4, startFactor: 0.5, interval: .step)
        var rate = LearningRate(settings)
        var rates: [Double] = []
        for _ in 1...7 {
            rates.append(rate.value)
            for _ in 1...3 { rate.stepEnded() }
            rate.epochEnded(metric: nil)
        }
        // Four steps of warm-up end in the second epoch, which is the first that counts.
        #expect(relativeError(rates, [0.5, 0.875, 1, 0.1, 0.1, 0.01, 0.01]) < 1e-15)
    }

    /// A plateau is looked for when warm-up is over, and lowers the rate by its factor.
    @Test func warmUpInEpochsGoesBeforeAPlateau() throws {
        var settings = TrainingSettings()
        settings.learningRate = 1
        var plateau = ReduceOnPlateau()
        plateau.patience = 1
        settings.plateau = (plateau, .loss)
        settings.warmUp = WarmUp(length: 2, startFactor: 0.5, interval: .epoch)
        var rate = LearningRate(settings)
        var rates: [Double] = []
        for _ in 1...8 {
            rates.append(rate.value)
            rate.epochEnded(metric: 7)
        }
        // The third epoch sets the mark, the fourth and the fifth do not reach it.
        #expect(relativeError(rates, [0.5, 0.75, 1, 1, 1, 0.1, 0.1, 0.01]) < 1e-15)
    }

    /// What is taken over at any moment continues the sequence.
    @Test func theStateContinuesTheSequence() throws {
        var settings = TrainingSettings()
        settings.schedule = CosineRestarts(length: 3, multiplier: 2)
        settings.plateau = (ReduceOnPlateau(), .loss)
        settings.plateau?.schedule.patience = 0
        settings.warmUp = WarmUp(length: 2, interval: .epoch)
        var rate = LearningRate(settings)
        for epoch in 1...12 {
            var other = LearningRate(settings)
            other.state = rate.state
            #expect(other.value == rate.value)
            other.epochEnded(metric: 1)
            rate.epochEnded(metric: 1)
            #expect(other.value == rate.value && other.state == rate.state, "epoch \(epoch)")
        }
        #expect(rate.state.initial < settings.learningRate)
    }

    /// After the end, where PyTorch refuses to go on.
    @Test func oneCycleStaysAtItsLastRate() {
        let cycle = OneCycle(maximum: 1, length: 10)
        #expect(cycle.rate(after: 9, initial: 5) == cycle.rate(after: 1000, initial: 5))
        #expect(abs(cycle.rate(after: 9, initial: 5) - 1 / 25e4) < 1e-16)
        #expect(OneCycle(maximum: 1, length: 1).rate(after: 0, initial: 5).isFinite)
    }

    /// Rate and momentum of the schedule reach the parameters: descent by hand with the gradients of the trainer.
    @Test func theTrainerUsesTheRateOfEveryStep() throws {
        let samples = try harmonicSamples(count: 24)
        var settings = quickSettings(epochs: 2)
        settings.weightDecay = 0
        settings.optimizer = GradientDescent()
        settings.learningRate = 1e-3
        // The rate is 0 from the second step on, so that only the first changes anything.
        settings.schedule = FirstStepOnly()
        settings.scheduleInterval = .step
        let model = smallModel()
        let record = try train(settings, samples, model: model, on: bestDevice(.float64))
        var one = settings
        one.epochs = 1
        #expect(record.summaries.map(\.learningRate) == [1e-3, 0])
        let shorter = try train(one, samples, model: model, on: bestDevice(.float64))
        #expect(record.best.parameters == shorter.best.parameters)
        #expect(record.best.parameters != model.parameters)
    }
}

private struct FirstStepOnly: LearningRateSchedule {
    func rate(after count: Int, initial: Double) -> Double { count == 0 ? initial : 0 }
}
