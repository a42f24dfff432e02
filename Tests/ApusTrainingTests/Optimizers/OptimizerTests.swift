import ApusCPU
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusTraining

/// A program whose sums are the numbers that come with the batch, so that a test chooses the gradients.
struct GivenGradients {
    let executor: Executor
    private let parameters: Numbers

    init(count: Int) {
        let graph = Graph()
        _ = graph.parameter("w", features: count)
        let gradient = columnSum(graph.input("g", rows: .systems, shape: Shape(features: count)))
        executor = Executor(
            program: compile(outputs: [], sums: [gradient]), precision: .float64, threads: 1,
            instructionSet: bestInstructionSet)
        parameters = Numbers(count: count, precision: .float64)
    }

    func set(_ gradient: [Double]) throws {
        _ = try executor.run(chunks: 1, parameters: parameters) { _, chunk in
            chunk.systems = 1
            chunk.inputs["g"] = gradient
        }
    }
}

/// AdamW, gradient clipping and the plateau schedule against PyTorch.
@Suite struct OptimizerTests {
    @Test func adamWFollowsPyTorch() throws {
        let golden = try #require(try optimizerGolden()["adamw"])
        let initial = try #require(golden["initial"]?.reals)
        let gradients = try #require(golden["gradients"]?.array)
        let expected = try #require(golden["parameters"]?.array)
        let betas = try #require(golden["betas"]?.reals)
        let parameters = Numbers(initial, precision: .float64)
        let moments = (0..<2).map { _ in Numbers(count: initial.count, precision: .float64) }
        let given = GivenGradients(count: initial.count)
        let decay = try #require(golden["weight_decay"]?.real)
        // Cut in two, to see that a stretch begins where the one before ends.
        let spans = [
            TrainedSpan(offset: 0, gradientOffset: 0, count: 3, decay: decay),
            TrainedSpan(offset: 3, gradientOffset: 3, count: initial.count - 3, decay: decay),
        ]
        try #require(gradients.count == expected.count && gradients.count == 20)
        for (step, (gradient, after)) in zip(gradients, expected).enumerated() {
            try given.set(try #require(gradient.reals))
            let areFinite = given.executor.adam(
                parameters, moments: moments, spans: spans,
                step: AdamStep(
                    rate: try #require(golden["lr"]?.real), beta1: betas[0], beta2: betas[1],
                    epsilon: try #require(golden["eps"]?.real), number: step + 1))
            #expect(areFinite)
            // The order of operations is not that of PyTorch; each of them rounds to 1e-16.
            for (found, wanted) in zip(parameters.values, try #require(after.reals)) {
                #expect(abs(found - wanted) <= 1e-13 * max(abs(wanted), 1e-2), "step \(step + 1)")
            }
        }
    }

    @Test func theNormAndTheClippedGradientAreThoseOfPyTorch() throws {
        for golden in try #require(try optimizerGolden()["clip_grad_norm"]?.array) {
            let gradient = try #require(golden["gradients"]?.array).flatMap { $0.reals ?? [] }
            let clipped = try #require(golden["clipped"]?.array).flatMap { $0.reals ?? [] }
            let limit = try #require(golden["max_norm"]?.real)
            let given = GivenGradients(count: gradient.count)
            try given.set(gradient)
            let norm = given.executor.sumOfSquares().squareRoot()
            #expect(norm == golden["norm"]?.real)
            #expect(
                relativeError(gradient.map { $0 * GradientClip.norm(limit).scaling(norm: norm).factor }, clipped)
                    < 1e-15)
        }
    }

    /// With an ε that dwarfs gradients, a step of AdamW is proportional to the gradient, −r/ε g, and shows its size.
    @Test func theTrainerClipsByTheNormOfAllGradients() throws {
        let samples = try harmonicSamples(count: 8)
        var settings = quickSettings(epochs: 1)
        settings.weightDecay = 0
        var adam = AdamW()
        adam.epsilon = 1e8
        settings.optimizer = adam
        settings.learningRate = 1e5
        let initial = smallModel().parameters
        let free = try train(settings, samples, on: bestDevice(.float64))
        let norm = try #require(free.summaries.first).gradientNorm
        #expect(norm > 0.1)
        for limit in [norm / 3, norm * 3] {
            settings.gradientClip = .norm(limit)
            let clipped = try train(settings, samples, on: bestDevice(.float64))
            #expect(clipped.summaries[0].gradientNorm == norm)
            let changes = zip(free.best.parameters, initial).map { ($0 - $1) * clipFactor(norm, limit) }
            #expect(relativeError(zip(clipped.best.parameters, initial).map { $0 - $1 }, changes) < 1e-6)
        }
    }

    @Test func onlyWeightMatricesDecay() throws {
        let samples = try harmonicSamples(count: 8)
        var settings = quickSettings(epochs: 1)
        settings.weightDecay = 0
        let without = try train(settings, samples, on: bestDevice(.float64)).best.parameters
        settings.weightDecay = 7
        let with = try train(settings, samples, on: bestDevice(.float64)).best.parameters
        let model = smallModel()
        var offset = 0
        var decayed: Set<String> = []
        for declaration in model.declarations {
            for k in offset..<offset + declaration.count {
                let change = with[k] - without[k]
                guard change != 0 else { continue }
                decayed.insert(declaration.name)
                #expect(abs(change + settings.learningRate * 7 * model.parameters[k]) < 1e-12, "\(declaration.name)")
            }
            offset += declaration.count
        }
        #expect(decayed == Set(model.declarations.filter { $0.initializer == .glorotUniform }.map(\.name)))
        #expect(!decayed.isEmpty && !decayed.contains("embedding") && decayed.count < model.declarations.count)
    }

    @Test func reduceOnPlateauFollowsPyTorch() throws {
        let cases = try #require(try optimizerGolden()["reduce_lr_on_plateau"]?.array)
        #expect(cases.count == 16)
        for golden in cases {
            var schedule = ReduceOnPlateau()
            schedule.factor = try #require(golden["factor"]?.real)
            schedule.patience = try #require(golden["patience"]?.integer)
            schedule.threshold = try #require(golden["threshold"]?.real)
            schedule.thresholdMode = try #require(.init(rawValue: golden["threshold_mode"]?.string ?? ""))
            schedule.cooldown = try #require(golden["cooldown"]?.integer)
            schedule.minimumRate = try #require(golden["min_lr"]?.real)
            schedule.epsilon = try #require(golden["eps"]?.real)
            schedule.mode = try #require(.init(rawValue: golden["mode"]?.string ?? ""))
            var memory: [String: Double] = [:]
            var rate = try #require(golden["initial_lr"]?.real)
            let metrics = try #require(golden["metrics"]?.reals)
            let expected = try #require(golden["learning_rates"]?.reals)
            try #require(metrics.count == expected.count)
            for (epoch, (metric, wanted)) in zip(metrics, expected).enumerated() {
                rate = schedule.rate(rate, after: metric, &memory)
                #expect(abs(rate - wanted) <= 1e-15 * wanted, "epoch \(epoch + 1)")
            }
            #expect(rate < 0.1)
        }
    }

    @Test func aMetricToBeMaximisedIsMirrored() {
        var falling = ReduceOnPlateau()
        (falling.patience, falling.thresholdMode, falling.threshold) = (1, .absolute, 0.1)
        falling.factor = 0.1
        var rising = falling
        rising.mode = .maximum
        var rates = (1.0, 1.0)
        var memories: ([String: Double], [String: Double]) = ([:], [:])
        for metric in [3, 2.95, 2.5, 2.45, 2.44, 2.43, 1, 1.2, 1.3] {
            rates.0 = falling.rate(rates.0, after: metric, &memories.0)
            rates.1 = rising.rate(rates.1, after: -metric, &memories.1)
            #expect(rates.0 == rates.1)
        }
        #expect(rates.0 < 0.05)
    }

    /// A metric that is no number is no improvement, and is not remembered as the best.
    @Test func aPlateauOfNaNReducesTheRate() {
        var schedule = ReduceOnPlateau()
        (schedule.patience, schedule.factor) = (1, 0.1)
        var memory: [String: Double] = [:]
        #expect(schedule.rate(1, after: .nan, &memory) == 1)
        #expect(schedule.rate(1, after: .infinity, &memory) == 0.1)
        #expect(schedule.rate(0.1, after: 5, &memory) == 0.1)
        #expect(schedule.rate(0.1, after: 4, &memory) == 0.1)
    }
}

/// What PyTorch's `clip_grad_norm_` multiplies gradients by.
private func clipFactor(_ norm: Double, _ limit: Double) -> Double { min(1, limit / (norm + 1e-6)) }

@Suite struct EarlyStoppingTests {
    @Test func itEndsAfterThePatience() {
        var stopping = EarlyStopping(patience: 2, minimumDelta: 0.1, monitor: .loss)
        // The falls to 0.95 and 0.91 are less than 0.1 below the best, 1.
        let ends = [1, 0.95, 0.5, 0.5, 0.45, 0.41].map { stopping.endsTraining(after: $0) }
        #expect(ends == [false, false, false, false, false, true])
    }

    @Test func anImprovementStartsTheCountAgain() {
        var stopping = EarlyStopping(patience: 1, minimumDelta: 0, monitor: .loss)
        let ends = [3, 4, 2, 2, 1, 1.5, 1].map { stopping.endsTraining(after: $0) }
        #expect(ends == [false, false, false, false, false, false, true])
    }

    @Test func aMetricThatIsNoNumberIsNoImprovement() {
        var stopping = EarlyStopping(patience: 1, minimumDelta: 0, monitor: .loss)
        #expect([.nan, .nan].map { stopping.endsTraining(after: $0) } == [false, true])
    }
}
