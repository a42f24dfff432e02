import ApusCPU
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
            var rate = LearningRate(settings) { 1 }
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

    /// A schedule of a training with one step in an epoch, so that lengths in epochs are those in steps.
    private func schedule(_ name: String, _ options: JSONValue) throws -> any LearningRateSchedule {
        func real(_ key: String) throws -> Double { try #require(options[key]?.real, "\(key)") }
        func integer(_ key: String) throws -> Int { try #require(options[key]?.integer, "\(key)") }
        func flag(_ key: String) throws -> Bool { try #require(options[key]?.bool as Bool?, "\(key)") }
        func setMomentum(of cycle: inout some MomentumCycle) throws {
            cycle.cyclesMomentum = try flag("cycle_momentum")
            guard cycle.cyclesMomentum else { return }
            (cycle.baseMomentum, cycle.maximumMomentum) = (try real("base_momentum"), try real("max_momentum"))
        }
        switch name {
        case "CosineAnnealingLR":
            return CosineAnnealing(length: try integer("T_max"), minimum: try real("eta_min"))
        case "CosineAnnealingWarmRestarts":
            return CosineRestarts(
                length: try integer("T_0"), multiplier: try integer("T_mult"), minimum: try real("eta_min"))
        case "OneCycleLR":
            var cycle = OneCycle(maximum: try real("max_lr"), epochs: try integer("total_steps"))
            cycle.rise = try real("pct_start")
            cycle.strategy = try #require(.init(rawValue: options["anneal_strategy"]?.string ?? ""))
            cycle.divisor = try real("div_factor")
            cycle.finalDivisor = try real("final_div_factor")
            cycle.hasThreePhases = try flag("three_phase")
            try setMomentum(of: &cycle)
            return cycle
        case "CyclicLR":
            var cycle = CyclicRate(
                minimum: try real("base_lr"), maximum: try real("max_lr"), epochsUp: try integer("step_size_up"),
                epochsDown: try integer("step_size_down"))
            cycle.mode = try #require(.init(rawValue: options["mode"]?.string ?? ""))
            cycle.factor = try real("gamma")
            try setMomentum(of: &cycle)
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
        var rate = LearningRate(settings) { 1 }
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
        (plateau.patience, plateau.factor) = (1, 0.1)
        settings.schedule = plateau
        settings.warmUp = WarmUp(length: 2, startFactor: 0.5, interval: .epoch)
        var rate = LearningRate(settings) { 1 }
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
        settings.schedule = FallingRestarts()
        settings.warmUp = WarmUp(length: 2, interval: .epoch)
        var rate = LearningRate(settings) { 1 }
        for epoch in 1...12 {
            var other = LearningRate(settings) { 1 }
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
        let course = ScheduleCourse(rate: 5, epochs: 10)
        let cycle = OneCycle(maximum: 1)
        #expect(cycle.rate(after: 9, of: course) == cycle.rate(after: 1000, of: course))
        #expect(abs(cycle.rate(after: 9, of: course) - 1 / 25e4) < 1e-16)
        #expect(OneCycle(maximum: 1, epochs: 1).rate(after: 0, of: course).isFinite)
    }

    /// Lengths in epochs are so many intervals, at least one.
    @Test func epochsAreCountedInIntervals() {
        var course = ScheduleCourse(rate: 1, epochs: 6, countsPerEpoch: 7, frequency: 4)
        #expect(course.intervals() == 10 && course.intervals(in: 2) == 3)
        course.frequency = 100
        #expect(course.intervals() == 1)
        // Half way down in three of six epochs.
        #expect(abs(CosineAnnealing().rate(after: 3, of: ScheduleCourse(rate: 2, epochs: 6)) - 1) < 1e-15)
    }

    /// Checkpoints of 0.1 keep a plateau with numbers of its own; its counts go on, those of another rule do not.
    @Test func earlierCheckpointsGoOn() throws {
        let text = """
            {"count":7,"initial":0.0025,"plateau":{"cooldown":1,"counts":{"badEpochs":2,"best":0.5,"cooldownLeft":0},
            "epsilon":1e-08,"factor":0.5,"maximizes":false,"minimumRate":1e-06,"patience":2,"threshold":0.0001,
            "thresholdMode":"rel"},"warmed":3}
            """
        let earlier = try JSONDecoder().decode(LearningRate.State.self, from: Data(text.utf8))
        var settings = TrainingSettings()
        var plateau = ReduceOnPlateau()
        (plateau.patience, plateau.cooldown) = (2, 1)
        for (patience, wanted) in [(2, 0.00125), (3, 0.0025)] {
            plateau.patience = patience
            settings.schedule = plateau
            var rate = LearningRate(settings) { 1 }
            rate.go(onFrom: earlier, isComparable: true)
            #expect(rate.value == 0.0025 && rate.state.count == 7 && rate.state.warmed == 3)
            rate.epochEnded(metric: 0.6)
            #expect(rate.value == wanted)
        }
        // What is written now is read as it was.
        let state = try JSONDecoder().decode(LearningRate.State.self, from: try JSONEncoder().encode(earlier))
        #expect(state == earlier && state.memory["best"] == 0.5)
        // Another schedule had no memory.
        let plain = try JSONDecoder().decode(
            LearningRate.State.self, from: Data(#"{"count":1,"initial":1,"warmed":0}"#.utf8))
        #expect(plain.memory.isEmpty && plain.annealing == nil)
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
    static let name = "FirstStepOnly"
    static let hyperparameters: [Hyperparameter<FirstStepOnly>] = []
    func rate(after count: Int, of course: ScheduleCourse) -> Double { count == 0 ? course.rate : 0 }
}

/// Cosines that restart, lower after every epoch without improvement: a schedule that counts and remembers.
private struct FallingRestarts: LearningRateSchedule {
    static let name = "FallingRestarts"
    static let hyperparameters: [Hyperparameter<FallingRestarts>] = []
    static let watchesMetric = true
    func rate(after count: Int, of course: ScheduleCourse) -> Double {
        CosineRestarts(length: 3, multiplier: 2).rate(after: count, of: course)
    }
    func rate(_ rate: Double, after metric: Double, _ memory: inout [String: Double]) -> Double {
        var plateau = ReduceOnPlateau()
        plateau.patience = 0
        return plateau.rate(rate, after: metric, &memory)
    }
}
