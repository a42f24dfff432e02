import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusSystem
import Testing

@testable import ApusTraining

/// Numbers that are not finite: training stops or leaves out the batch, and says where they come from.
@Suite struct NonFiniteTests {
    private func trainer(
        _ samples: [Sample], validation: [Sample] = [], model: EnergyModel = smallModel(),
        on device: Device = bestDevice(), change: (inout TrainingSettings) -> Void = { _ in }
    ) throws -> Trainer {
        var settings = quickSettings(epochs: 3)
        change(&settings)
        return try Trainer(
            model, settings, training: samples, validation: validation, on: device)
    }

    private func error(_ trainer: Trainer) throws -> ApusError {
        try #require(#expect(throws: ApusError.self) { try trainer.run { _ in } })
    }

    /// The sample at `position` with the x component of the force on its second atom replaced, and a name of its own.
    private func poisoned(_ samples: [Sample], _ position: Int, force: Double) throws -> [Sample] {
        var samples = samples
        var forces = samples[position].forces!
        forces[1].x = force
        samples[position] = try sample(
            samples[position].system, energy: samples[position].energy, forces: forces, named: "poison")
        return samples
    }

    /// The range of a parameter among the flat ones.
    private func range(_ name: String, _ model: EnergyModel) -> Range<Int> {
        var offset = 0
        for declaration in model.declarations {
            if declaration.name == name { return offset..<offset + declaration.count }
            offset += declaration.count
        }
        preconditionFailure("no parameter '\(name)'")
    }

    private func scaled(_ name: String, to value: Double, _ architecture: String = "SchNet") -> EnergyModel {
        var model = smallModel(architecture)
        for k in range(name, model) { model.parameters[k] = value }
        return model
    }

    @Test(arguments: ["SchNet", "PaiNN"]) func everyParameterThatIsNotFiniteIsNamed(_ name: String) throws {
        for declaration in smallModel(name).declarations where declaration.name != "embedding.weight" {
            for value in [Double.nan, .infinity] {
                let model = scaled(declaration.name, to: value, name)
                let error = try error(trainer(harmonicSamples(count: 3, atoms: [3]), model: model))
                #expect(error.description.contains("the parameter '\(declaration.name)' is not finite"), "\(error)")
                #expect(error.description.contains("chain 0 (frame 1)"), "\(error)")
            }
        }
    }

    /// Finite weights whose product with finite features is beyond float32, in one layer after the other. The features
    /// before a layer are of order one, so a weight of 3 · 10³⁸ overflows in that very layer and in none before it.
    @Test(arguments: [
        ("SchNet", "interactions.0.filter.0"), ("SchNet", "interactions.0.outward.1"), ("SchNet", "readout.0"),
        ("PaiNN", "messages.0.hidden"), ("PaiNN", "updates.0.ss"),
    ])
    func theLayerThatOverflowsIsNamed(_ name: String, layer: String) throws {
        var model = scaled(layer + ".weight", to: 3.3e38, name)
        // Features of one sign, so that no terms cancel.
        let embedding = range(model.declarations[0].name, model)
        for k in embedding { model.parameters[k] = 1 }
        if name == "SchNet" && layer == "interactions.0.filter.0" {
            for k in range(layer + ".bias", model) { model.parameters[k] = 3.3e38 }
        }
        let error = try error(trainer(harmonicSamples(count: 3, atoms: [3]), model: model) { $0.usesTables = false })
        #expect(error.description.contains("in or next to the layer '\(layer)'"), "\(error)")
        #expect(error.description.contains("the predictions for chain 0 (frame 1) are not finite"), "\(error)")
        #expect(error.description.contains("atom 0 (O, counted from 0)"), "\(error)")
    }

    @Test func finitePredictionsWithAHugeLossSaySo() throws {
        let trainer = try trainer(poisoned(harmonicSamples(count: 6), 3, force: 1e25))
        let error = try error(trainer)
        #expect(error.place == "step 1 (epoch 1)")
        #expect(error.problem.contains("all predictions are finite, but the loss of poison (frame 1)"), "\(error)")
        #expect(error.problem.contains("1e+25 eV/Å on atom 1 (H, counted from 0) of poison (frame 1)"), "\(error)")
        #expect(trainer.parameterValues == Numbers(smallModel().parameters, precision: .float32).values)
    }

    /// A force of 10⁶ eV/Å is finite, and so is its loss; it is remembered as the largest error when training diverges.
    @Test func theLargestForceErrorIsNamedWhenTrainingDiverges() throws {
        let samples = try poisoned(harmonicSamples(count: 8), 5, force: 1e6)
        let trainer = try trainer(samples, validation: harmonicSamples(count: 4, seed: 9)) { $0.learningRate = 1e30 }
        let error = try error(trainer)
        #expect(error.place == "step 2 (epoch 2)")
        #expect(error.problem.contains("1000000.0 eV/Å") || error.problem.contains("1e+06 eV/Å"), "\(error)")
        #expect(error.problem.contains("on atom 1 (H, counted from 0) of poison (frame 1)"), "\(error)")
        // The validation part sees that the thrown parameters are no good.
        #expect(trainer.best.parameters == smallModel().parameters)
    }

    @Test func aLabelThatIsNotANumberIsNamedWithItsAtom() throws {
        let samples = try poisoned(harmonicSamples(count: 8), 5, force: .nan)
        let error = try error(trainer(samples))
        #expect(
            error.problem == "the label forces on atom 1 (H, counted from 0) of poison (frame 1) is nan, "
                + "not a finite number", "\(error)")
    }

    @Test func atomsOnOnePointAreNamed() throws {
        let point = try AtomicSystem(numbers: [1, 8], positions: [.zero, .zero])
        let bad = try sample(point, energy: 0, forces: [.zero, .zero], named: "point")
        for inTraining in [true, false] {
            let good = try harmonicSamples(count: 4)
            let error = try error(trainer(inTraining ? good + [bad] : good, validation: inTraining ? [] : [bad]))
            #expect(error.kind == .data && error.place == "point (frame 1)")
            #expect(error.problem.contains("atoms 0 (H) and 1 (O)"), "\(error)")
        }
    }

    /// The files on disk are those of the epoch before: read again, all is finite.
    @Test func theBestModelOnDiskIsTheOneBefore() throws {
        let samples = try harmonicSamples(count: 16)
        let validation = try harmonicSamples(count: 4, seed: 9)
        let healthy = try trainer(samples, validation: validation) { $0.epochs = 2 }
        _ = try healthy.run { _ in }
        let state = healthy.state
        let bad = try trainer(poisoned(samples, 2, force: .nan), validation: validation)
        try bad.restore(state)
        let path = "/tmp/apus-best-\(monotonicSeconds())"
        defer { try? removeFile(path) }
        try ModelFile(bad.best, precision: .float32, program: "test", examplesFrom: samples.map(\.system))
            .write(to: path)
        let error = try #require(
            #expect(throws: ApusError.self) {
                try bad.run { event in
                    guard case .epochEnded = event else { return }
                    try ModelFile(bad.best, precision: .float32, program: "test", examplesFrom: samples.map(\.system))
                        .write(to: path)
                }
            })
        #expect(error.problem.contains("poison"))
        let model = try ModelFile.read(path).model
        #expect(model.parameters == state.best)
        let errors = try Evaluator(
            model, loss: quickSettings(epochs: 1).loss, on: bestDevice()
        ).errors(on: samples, parameters: Numbers(model.parameters, precision: .float32))
        #expect(errors.total(quickSettings(epochs: 1).loss).isFinite)
    }

    @Test func aSkippedBatchChangesNothingAndCounts() throws {
        let samples = try poisoned(harmonicSamples(count: 8), 5, force: .nan)
        let trainer = try trainer(samples) { $0.skippedBatches = 2 }
        let before = trainer.state
        var reasons: [String] = []
        let error = try #require(
            #expect(throws: ApusError.self) {
                try trainer.run { if case .batchSkipped(let reason) = $0 { reasons.append(reason) } }
            })
        #expect(error.place == "step 1 (epoch 3)")
        #expect(reasons.count == 2)
        #expect(reasons[0].hasPrefix("skipped batch 1 of at most 2: step 1 (epoch 1): the label forces on atom 1"))
        let after = trainer.state
        #expect(after.parameters == before.parameters && after.moments == before.moments)
        #expect(after.progress.steps == 0 && after.progress.skips.inRun == 2)
        #expect(after.progress.best == nil, "an epoch without a step has no best model")
        #expect(trainer.gradientValues == nil, "a skipped batch leaves no gradients")
    }

    /// Three batches an epoch, one of them skipped; stopped after every step and continued from a file.
    @Test(arguments: Precision.allCases) func resumingAfterSkipsGivesTheSameBits(_ precision: Precision) throws {
        let samples = try poisoned(harmonicSamples(count: 24), 5, force: .nan)
        func make() throws -> Trainer {
            try trainer(samples, on: bestDevice(precision)) {
                ($0.skippedBatches, $0.averagingDecay) = (5, 0.9)
            }
        }
        let whole = try make()
        var norms: [Double] = []
        _ = try whole.run { if case .epochEnded(let summary) = $0 { norms.append(summary.gradientNorm) } }
        #expect(whole.state.progress.skips.inRun == 3 && whole.state.progress.steps == 6)
        #expect(whole.parameterValues.allSatisfy(\.isFinite) && norms.allSatisfy { $0 > 0 })

        let path = "/tmp/apus-skips-\(monotonicSeconds())"
        defer { try? removeFile(path) }
        var last: TrainingState?
        var found: [Double] = []
        for _ in 0..<20 {
            let part = try make()
            if last != nil { try part.restore(Checkpoint.read(path).state) }
            let end = try part.run(isInterrupted: { true }) {
                if case .epochEnded(let summary) = $0 { found.append(summary.gradientNorm) }
            }
            last = part.state
            try Checkpoint(part.state, precision: precision, identity: .init(model: "m", data: "d")).write(to: path)
            if end == .epochs { break }
        }
        var (a, b) = (try #require(last), whole.state)
        (a.progress.seconds, b.progress.seconds) = (0, 0)
        #expect(a == b)
        #expect(found == norms)
    }
}
