import ApusCPU
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusRun
import ApusTestSupport
import ApusTraining
import Testing

/// Keeps what a run tells.
private final class Recorder: RunObserver {
    var messages: [String] = []
    var steps = 0
    var epochs: [Int] = []
    var ends: [TrainingEnd] = []
    var epochsToDo = 0

    func tell(_ level: Log.Level, _ message: String) { messages.append("\(level.rawValue): \(message)") }

    func happened(_ event: RunEvent) {
        switch event {
        case .trainingBegan(let epochs): epochsToDo = epochs
        case .training(.step): steps += 1
        case .training: break
        case .epochEnded(let epoch, let values):
            epochs.append(epoch)
            #expect(values.contains { $0.name == "val/per_atom_force/mae" && $0.unit == "eV/Å" })
        case .trainingEnded(let end): ends.append(end)
        }
    }
}

/// What a program does with the library that trains, goes on, evaluates and predicts without the command line.
@Suite struct TrainingRunTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
    }

    private func configuration(_ run: String, _ overrides: [String] = []) throws -> RunConfiguration {
        let text = Molecules.configuration(
            run: folder.file(run), dataset: "dataset_cache_dir = \"\(folder.file("cache"))\"")
        return try RunConfiguration(file: try folder.write(text, to: "\(run).toml"), overrides: overrides)
    }

    @Test func trainsEvaluatesAndPredicts() throws {
        let recorder = Recorder()
        let run = try TrainingRun(try configuration("run"), observer: recorder)
        let result = try run.train()
        #expect(result.end == .epochs && result.folder == folder.file("run"))
        #expect(recorder.epochs == [1, 2] && recorder.epochsToDo == 2 && recorder.ends == [.epochs])
        #expect(recorder.steps == 2 * 4)  // 13 configurations in batches of 4
        #expect(recorder.messages.contains { $0.hasPrefix("info: all epochs done after ") })
        let errors = try #require(result.errors)
        #expect(Set(errors.rows.map(\.split)) == ["training", "validation", "test"])

        // The test part, with the device of the training, has the errors that the training ended with.
        let evaluation = try Evaluation(ofRun: folder.file("run"), observer: recorder)
        let table = try evaluation.table(on: try Device(precision: .float32, threads: 1))
        #expect(table.rows.count == errors.rows.count { $0.split == "test" })
        for (found, expected) in zip(table.rows, errors.rows.filter { $0.split == "test" }) {
            #expect(found.property == expected.property && found.rmse == expected.rmse)
        }

        let device = try Device(precision: .float64, threads: 1)
        let other = try Evaluation(of: folder.file("run/model.apus"), on: folder.file("data.extxyz"))
        #expect(try other.table(on: device).rows.allSatisfy { $0.split == "data" && $0.rmse.isFinite })

        let prediction = try FilePrediction(of: folder.file("run"), on: folder.file("data.extxyz"))
        let predicted = try prediction.configurations(on: device)
        #expect(predicted.count == 16 && predicted.allSatisfy { $0[.energy] != nil && $0[.forces] != nil })

        try removeFile(folder.file("run/report.html"))
        try RecordedRun(folder.file("run")).writeReport()
        #expect(fileExists(folder.file("run/report.html")))
    }

    /// Stopped after every step and resumed each time, a run ends with the model of one that was never stopped.
    @Test func goesOnWithTheSameBits() throws {
        #expect(try TrainingRun(try configuration("whole")).train().end == .epochs)
        var result = try TrainingRun(try configuration("parts")).train(isInterrupted: { true })
        var starts = 1
        while result.errors == nil {
            #expect(result.end == .interruption)
            try #require(starts < 10)
            result = try TrainingRun(resuming: folder.file("parts")).train(isInterrupted: { true })
            starts += 1
        }
        #expect(result.end == .epochs && starts >= 8)
        let models = try ["whole", "parts"].map { try ModelFile.read(folder.file("\($0)/model.apus")) }
        #expect(models[0].model.parameters == models[1].model.parameters)
    }

    @Test func goesOnLonger() throws {
        _ = try TrainingRun(try configuration("run")).train()
        let recorder = Recorder()
        let longer = try TrainingRun(
            resuming: folder.file("run"), overrides: ["training.number_of_epochs=4"], observer: recorder)
        #expect(try longer.train().end == .epochs)
        #expect(recorder.epochs == [3, 4])
    }

    /// A run is only replaced when that is said, and then before its first step, not when the data are read.
    @Test func anEarlierRunStays() throws {
        _ = try TrainingRun(try configuration("run")).train()
        let model = try readFile(path: folder.file("run/model.apus"))
        let refused = #expect(throws: ApusError.self) { _ = try TrainingRun(try configuration("run")) }
        #expect(refused?.problem == "the folder holds an earlier run")
        let other = try configuration("run", ["potential.potential_seed=7"])
        let run = try TrainingRun(other, overwriting: true)
        #expect(try readFile(path: folder.file("run/model.apus")) == model)
        _ = try run.train()
        #expect(try readFile(path: folder.file("run/model.apus")) != model)
    }

    /// Two starts at once would write into the same files.
    @Test func oneProcessTrainsInAFolder() throws {
        _ = try TrainingRun(try configuration("run")).train(isInterrupted: { true })
        let first = try TrainingRun(resuming: folder.file("run"))
        let refused = #expect(throws: ApusError.self) { _ = try TrainingRun(resuming: folder.file("run")) }
        #expect(refused?.problem.contains("is training in this folder") == true)
        _ = try first.train()
    }

    /// A resumed run refuses another network, optimiser and precision.
    @Test(arguments: [
        ("potential.core_parameter.number_of_interaction_modules=2", "the architecture is not that"),
        ("training.optimizer.amsgrad=true", "the optimiser is not that"),
        ("runtime.precision=float64", "the precision is float64, but the run began with float32"),
    ])
    func whatMayNotChange(setting: String, problem: String) throws {
        _ = try TrainingRun(try configuration("run")).train(isInterrupted: { true })
        let error = #expect(throws: ApusError.self) {
            _ = try TrainingRun(resuming: folder.file("run"), overrides: [setting]).train()
        }
        #expect(error?.problem.hasPrefix(problem) == true, "\(error?.description ?? "")")
    }

    /// Frozen parameters keep their bits, in a run that is stopped and resumed as in one that is not.
    @Test func frozenParametersStay() throws {
        let rules = [
            "training.frozen_parameters=[\"embedding\", \"interactions.*.filter\"]",
            "training.rate_factors=[[\"readout\", 0.5]]", "training.ema_decay=0.9",
        ]
        _ = try TrainingRun(try configuration("whole", rules)).train()
        var result = try TrainingRun(try configuration("parts", rules)).train(isInterrupted: { true })
        while result.errors == nil {
            result = try TrainingRun(resuming: folder.file("parts")).train(isInterrupted: { true })
        }
        let models = try ["whole", "parts"].map { try ModelFile.read(folder.file("\($0)/model.apus")).model }
        #expect(models[0].parameters == models[1].parameters)
        let first = Numbers(
            EnergyModel.initialParameters(models[0].declarations, seed: 42), precision: .float32
        ).values
        var offset = 0
        var frozen: [String] = []
        for declaration in models[0].declarations {
            let range = offset..<offset + declaration.count
            if models[0].parameters[range] == first[range] { frozen.append(declaration.name) }
            offset += declaration.count
        }
        let filter = "interactions.0.filter."
        #expect(
            frozen == [
                "embedding.weight", filter + "0.weight", filter + "0.bias", filter + "1.weight", filter + "1.bias",
            ])
        // What is frozen may be another choice later.
        let freed = try TrainingRun(
            resuming: folder.file("parts"),
            overrides: ["training.frozen_parameters=[\"readout\"]", "training.number_of_epochs=3"])
        _ = try freed.train()
        #expect(try ModelFile.read(folder.file("parts/model.apus")).model.parameters != models[0].parameters)
    }

    /// A rule that matches nothing is refused before an earlier run is replaced.
    @Test func rulesThatMatchNothingAreRefusedAtOnce() throws {
        _ = try TrainingRun(try configuration("run")).train()
        let model = try readFile(path: folder.file("run/model.apus"))
        let other = try configuration("run", ["training.rate_factors=[[\"redout\", 0.5]]"])
        let error = #expect(throws: ApusError.self) { try TrainingRun(other, overwriting: true).train() }
        #expect(
            error?.description.contains(
                "no parameter matches 'redout' of training.rate_factors; name some of embedding.weight, ") == true)
        #expect(error?.kind == .configuration && error?.description.contains("readout.1.bias") == true)
        #expect(try readFile(path: folder.file("run/model.apus")) == model)
    }

    @Test func aDryRunWritesNothing() throws {
        let before = names(in: folder.path)
        let recorder = Recorder()
        let dry = try DryRun(try configuration("dry"), observer: recorder)
        #expect(dry.parts.map(\.part) == ["training", "validation", "test"] && dry.trainingSeconds > 0)
        #expect(names(in: folder.path)?.filter { $0 != "dry.toml" } == before)
    }
}
