import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials
import Testing

@testable import ApusTraining

@Suite struct TrainerErrorTests {
    private func error(
        _ training: [Sample], validation: [Sample] = [], model: EnergyModel = smallModel(),
        change: (inout TrainingSettings) -> Void = { _ in }
    ) throws -> ApusError {
        var settings = quickSettings(epochs: 3)
        change(&settings)
        do {
            _ = try train(settings, training, validation: validation, model: model)
        } catch let error as ApusError {
            return error
        }
        return ApusError(.usage, problem: "no error")
    }

    @Test func anEmptyTrainingPart() throws {
        let error = try error([], validation: harmonicSamples(count: 2))
        #expect(error.kind == .data)
        #expect(error.description == "the training part of the data is empty; change data_split.")
    }

    @Test(arguments: [true, false])
    func missingLabels(_ inTraining: Bool) throws {
        let complete = try harmonicSamples(count: 3)
        for (name, component) in [("energy", PropertyLoss.perAtomEnergy), ("forces", .perAtomForce)] {
            let bare = try sample(
                complete[1].system, energy: name == "energy" ? nil : 0,
                forces: name == "forces" ? nil : complete[1].forces,
                named: "bare")
            let parts = inTraining ? (complete + [bare], complete) : (complete, [bare])
            let error = try error(parts.0, validation: parts.1) { $0.loss = Loss(weights: [component: 1]) }
            #expect(error.kind == .data)
            #expect(
                error.description == "bare (frame 1) has no \(name), which the loss compares; "
                    + "remove the component from training.loss_parameter or complete the data.")
            // A label that is not compared need not be there.
            let other: PropertyLoss = name == "energy" ? .perAtomForce : .perSystemEnergy
            #expect(
                try self.error(parts.0, validation: parts.1) { $0.loss = Loss(weights: [other: 1]) }.problem
                    == "no error")
        }
    }

    /// A metric that would never have a value would never choose a model.
    @Test func metricsWithoutValuesAreRefused() throws {
        let samples = try harmonicSamples(count: 3)
        for (metric, sentence) in [
            (Metric.errors(.property(.charges), .mae), "needs the partial charges, which are not compared"),
            (.component("per_atom_charge"), "is no component of the loss"),
            (.errors(.property(.forces), .r2), "is better when larger"),
        ] {
            let monitored = try error(samples) { $0.monitor = metric }
            #expect(monitored.kind == .configuration && monitored.problem.contains(sentence), "\(monitored)")
            let watched = try error(samples) {
                $0.earlyStopping = EarlyStopping(patience: 1, minimumDelta: 0, monitor: metric)
            }
            #expect(watched.kind == .configuration)
        }
    }

    @Test(arguments: [Double.nan, .infinity])
    func labelsThatAreNotFiniteAreNamed(_ value: Double) throws {
        for forces in [false, true] {
            var samples = try harmonicSamples(count: 6)
            let (system, energy) = (samples[4].system, samples[4].energy)
            var labels = samples[4].forces!
            if forces { labels[1].y = value }
            samples[4] = try sample(system, energy: forces ? energy : value, forces: labels, named: "spoilt")
            let error = try error(samples)
            #expect(error.kind == .data)
            #expect(error.description.contains("spoilt"), "\(error)")
            #expect(!error.description.contains("chain"), "\(error)")
        }
    }

    @Test func weightsThatAreNotFinite() throws {
        var model = smallModel()
        model.parameters[model.parameters.count - 1] = .nan
        let error = try error(harmonicSamples(count: 2, named: "dimer"), model: model)
        #expect(error.kind == .divergence && error.place == "step 1 (epoch 1)")
        // The first of the batch in its shuffled order; any shows it.
        #expect(error.problem.contains("dimer 0") != error.problem.contains("dimer 1"))
        #expect(error.problem.contains("not finite"))
    }

    /// The first step throws the parameters far away, the second one meets the consequences.
    @Test func divergenceStopsBeforeTheBestModelIsTouched() throws {
        let samples = try harmonicSamples(count: 8)
        var settings = quickSettings(epochs: 5)
        settings.learningRate = 1e30
        let trainer = try Trainer(
            smallModel(), settings, training: samples, validation: [], on: bestDevice())
        let error = #expect(throws: ApusError.self) { try trainer.run { _ in } }
        #expect(error?.kind == .divergence)
        #expect(error?.description.contains("training.lr") == true)
        #expect(trainer.best.parameters.allSatisfy { $0.isFinite })
    }

    @Test func atomsOnOnePoint() throws {
        let point = try AtomicSystem(numbers: [1, 8], positions: [.zero, .zero])
        let samples = try harmonicSamples(count: 2) + [sample(point, energy: 0, forces: [.zero, .zero])]
        #expect(throws: ApusError.self) { try train(quickSettings(epochs: 1), samples) }
    }

    @Test func anErrorOfTheReceiverEndsTraining() throws {
        struct Full: Error {}
        let trainer = try Trainer(
            smallModel(), quickSettings(epochs: 5), training: harmonicSamples(count: 2), validation: [],
            on: bestDevice())
        var events = 0
        #expect(throws: Full.self) {
            try trainer.run { _ in
                events += 1
                if events == 2 { throw Full() }
            }
        }
        #expect(events == 2)
    }
}
