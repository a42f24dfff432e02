import ApusCPU
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTestSupport
import Testing

@testable import ApusRun
@testable import ApusTraining

/// When checkpoints and models are written, and what is in them.
@Suite struct RunWriterTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
    }

    /// A run in a folder that is there, with its trainer.
    private func start(_ change: (inout RunConfiguration) -> Void = { _ in }) throws -> (TrainingRun, Trainer) {
        let text = Molecules.configuration(
            run: folder.file("run"), dataset: "dataset_cache_dir = \"\(folder.file("cache"))\"")
        var configuration = try RunConfiguration(file: try folder.write(text, to: "run.toml"))
        change(&configuration)
        let run = try TrainingRun(configuration)
        try createFolder(run.folder.path)
        try run.folder.checkpoints.create()
        var model = try run.initialModel(run.settings)
        // As a checkpoint keeps them.
        model.parameters = Numbers(model.parameters, precision: .float32).values
        let trainer = try Trainer(
            model, run.settings, training: run.data.training,
            validation: run.data.validation, on: run.device)
        return (run, trainer)
    }

    private let identity = Checkpoint.Identity(model: "a model", data: "a digest")
    private let step = TrainingEvent.step(systems: 4, loss: 1)

    /// An event after an epoch, of a trainer that has not ended it.
    private func epochEnded() -> TrainingEvent {
        .epochEnded(
            EpochSummary(
                epoch: 1, training: EvaluationErrors(), validation: nil, trainingLoss: 1, validationLoss: nil,
                learningRate: 1, gradientNorm: 1, seconds: 1, systemsPerSecond: 1, isBest: true))
    }

    /// The first epoch is always saved, so that nothing that takes less than an interval is lost; later ones wait for it.
    @Test func theFirstEpochIsDue() throws {
        let (run, _) = try start { $0.runtime.checkpointInterval = .seconds(3600) }
        let new = CheckpointWriter(run, identity: identity, isSavedOnce: false)
        #expect(!new.isDue(after: step) && new.isDue(after: epochEnded()))
        #expect(!new.isDue(after: epochEnded()) && !new.isDue(after: step))
        let resumed = CheckpointWriter(run, identity: identity, isSavedOnce: true)
        #expect(!resumed.isDue(after: epochEnded()))
    }

    /// After the interval every event is one to save at, and the next interval begins.
    @Test func theIntervalIsDue() throws {
        let (run, _) = try start { $0.runtime.checkpointInterval = .zero }
        let writer = CheckpointWriter(run, identity: identity, isSavedOnce: true)
        #expect(writer.isDue(after: step) && writer.isDue(after: step))
        let (slow, _) = try start { $0.runtime.checkpointInterval = .milliseconds(200) }
        let waiting = CheckpointWriter(slow, identity: identity, isSavedOnce: true)
        while !waiting.isDue(after: step) {}
        #expect(!waiting.isDue(after: step))
    }

    /// A checkpoint is the state after the step that names it; the newest are kept, and those of some epochs for good.
    @Test func checkpointsHoldTheState() throws {
        let (run, trainer) = try start {
            ($0.runtime.checkpointsKept, $0.runtime.checkpointEpochs, $0.training.epochs) = (2, 2, 3)
        }
        let writer = CheckpointWriter(run, identity: identity, isSavedOnce: false)
        let path = folder.file("run/checkpoints")
        var steps = 0
        _ = try trainer.run { event in
            guard case .step = event else {
                if case .epochEnded = event { try writer.write(trainer) }
                return
            }
            steps += 1
            try writer.write(trainer)
            let kept = try #require(files(in: path)).filter { $0.hasPrefix("step-") }
            #expect(kept.last == "step-0000000\(steps).checkpoint" || steps > 9)
            #expect(kept.count == min(steps, 2))
            let read = try run.folder.checkpoints.newest(run.log)
            #expect(read.state == trainer.state && read.identity == identity && read.precision == .float32)
        }
        #expect(steps == 12)  // three epochs of 13 configurations in batches of 4
        #expect(files(in: path) == ["epoch-0002.checkpoint", "step-00000011.checkpoint", "step-00000012.checkpoint"])
        #expect(try Checkpoint.read(path + "/epoch-0002.checkpoint").state.progress.epoch == 3)
    }

    private func files(in path: String) -> [String]? { names(in: path) }

    /// A damaged checkpoint is told about and passed over.
    @Test func damagedCheckpointsArePassedOver() throws {
        final class Messages: RunObserver {
            var texts: [String] = []
            func tell(_ level: Log.Level, _ message: String) { texts.append(message) }
        }
        let (run, trainer) = try start()
        let writer = CheckpointWriter(run, identity: identity, isSavedOnce: false)
        try writer.write(trainer)
        let whole = try readFile(path: folder.file("run/checkpoints/step-00000000.checkpoint"))
        _ = try folder.write(Array(whole.dropLast(9)), to: "run/checkpoints/step-00000001.checkpoint")
        let messages = Messages()
        #expect(try run.folder.checkpoints.newest(RunLog(messages)).state == trainer.state)
        #expect(messages.texts.count == 1 && messages.texts[0].contains("step-00000001.checkpoint"))
    }

    /// The model is that of the best epoch, is written once, and not before there is one.
    @Test func theBestModelIsWrittenOnce() throws {
        let (run, trainer) = try start()
        let writer = BestModelWriter(run, isUnwritten: true)
        let path = folder.file("run/model.apus")
        try writer.write(trainer)
        #expect(!fileExists(path))
        writer.found(trainer)
        try writer.write(trainer)
        #expect(!fileExists(path))

        _ = try trainer.run { _ in }
        writer.found(trainer)
        try writer.write(trainer)
        let file = try ModelFile.read(path)
        #expect(file.model == trainer.best && file.provenance["epoch"]?.integer == trainer.bestEpoch?.epoch)
        #expect(file.provenance["training_configurations"]?.integer == run.data.training.count)
        // What is there already is not written again; a new best epoch is.
        try removeFile(path)
        try writer.write(trainer)
        #expect(!fileExists(path))
        writer.found(trainer)
        try writer.write(trainer)
        #expect(try ModelFile.read(path) == file)
        // A resumed run may have got further than its model file.
        try removeFile(path)
        try BestModelWriter(run, isUnwritten: false).write(trainer)
        #expect(!fileExists(path))
        try BestModelWriter(run, isUnwritten: true).write(trainer)
        #expect(try ModelFile.read(path) == file)
    }

    /// What could not be written is tried again.
    @Test func aFailedModelIsWrittenLater() throws {
        let (run, trainer) = try start()
        _ = try trainer.run { _ in }
        let writer = BestModelWriter(run, isUnwritten: true)
        removeTree(run.folder.path)
        let error = #expect(throws: ApusError.self) { try writer.write(trainer) }
        #expect(error?.kind == .io)
        try createFolder(run.folder.path)
        try writer.write(trainer)
        #expect(try ModelFile.read(folder.file("run/model.apus")).model == trainer.best)
    }
}
