import ApusCPU
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusSystem
import Testing

@testable import ApusTraining

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Training that is stopped and goes on from a file, against training that is not.
@Suite struct CheckpointTests {
    private let identity = Checkpoint.Identity(model: "m", data: "d")

    private var settings: TrainingSettings {
        var settings = quickSettings(epochs: 4)
        settings.averagingDecay = 0.9
        settings.gradientClip = .norm(1)
        var plateau = ReduceOnPlateau()
        (plateau.patience, plateau.factor, plateau.threshold) = (0, 0.5, 0.5)
        settings.schedule = plateau
        settings.earlyStopping = EarlyStopping(patience: 50, minimumDelta: 0, monitor: .loss)
        return settings
    }

    /// Stopped after every third step, read back from a file, and continued by another number of threads. Without a
    /// validation part the errors of the epoch so far decide which parameters are best, so they must survive too.
    @Test(arguments: Precision.allCases, [0, 8])
    func goingOnGivesTheSameBits(_ precision: Precision, validating: Int) throws {
        let samples = try harmonicSamples(count: 40)
        let validation = Array(try harmonicSamples(count: 8, seed: 9).prefix(validating))
        func trainer(threads: Int) throws -> Trainer {
            try Trainer(
                smallModel("PaiNN"), settings, training: samples, validation: validation,
                on: bestDevice(precision, threads: threads))
        }
        var expected: [EpochSummary] = []
        let undisturbed = try trainer(threads: 2)
        let end = try undisturbed.run { if case .epochEnded(let summary) = $0 { expected.append(summary) } }
        #expect(end == .epochs)

        let path = temporaryPath()
        defer { unlink(path) }
        var found: [EpochSummary] = []
        var last: TrainingState?
        for attempt in 0..<20 {
            let trainer = try trainer(threads: [1, 5, 2][attempt % 3])
            if last != nil { try trainer.restore(Checkpoint.read(path).state) }
            var steps = 0
            let end = try trainer.run(isInterrupted: { steps == 3 }) { event in
                if case .step = event { steps += 1 }
                if case .epochEnded(let summary) = event { found.append(summary) }
            }
            let state = trainer.state
            try Checkpoint(state, precision: precision, identity: identity).write(to: path)
            last = state
            if end == .epochs { break }
            #expect(end == .interruption && steps == 3)
        }
        var (final, whole) = (try #require(last), undisturbed.state)
        (final.progress.seconds, whole.progress.seconds) = (0, 0)
        #expect(final == whole)
        #expect(final.progress.learningRate < 5e-3, "the schedule has moved")
        #expect(found.map(\.training) == expected.map(\.training))
        #expect(found.map(\.validation) == expected.map(\.validation))
        #expect(found.map(\.gradientNorm) == expected.map(\.gradientNorm))
        #expect(found.map(\.isBest) == expected.map(\.isBest))
    }

    /// Every optimiser's memory and the counts of step-wise schedules and warm-up survive a stop in the middle of each.
    @Test(arguments: ["AMSGrad", "SGD"]) func optimisersAndSchedulesGoOn(_ name: String) throws {
        var adam = AdamW()
        adam.usesLargestMoment = true
        var settings = quickSettings(epochs: 3)
        settings.optimizer = name == "SGD" ? GradientDescent(momentum: 0.9, isNesterov: true) : adam
        settings.gradientClip = .value(0.01)
        settings.schedule = OneCycle(maximum: 5e-3)
        settings.scheduleInterval = .step
        settings.warmUp = WarmUp(length: 4)
        let samples = try harmonicSamples(count: 40)
        func trainer() throws -> Trainer {
            try Trainer(
                smallModel(), settings, training: samples, validation: [], on: bestDevice())
        }
        let undisturbed = try trainer()
        _ = try undisturbed.run { _ in }
        let path = temporaryPath()
        defer { unlink(path) }
        var last = try trainer()
        for _ in 0..<40 {
            var steps = 0
            let end = try last.run(isInterrupted: { steps == 2 }) { if case .step = $0 { steps += 1 } }
            if end == .epochs { break }
            try Checkpoint(last.state, precision: .float32, identity: identity).write(to: path)
            last = try trainer()
            try last.restore(Checkpoint.read(path).state)
        }
        var (final, whole) = (last.state, undisturbed.state)
        (final.progress.seconds, whole.progress.seconds) = (0, 0)
        #expect(final == whole)
        #expect(final.progress.epoch == 4)
        #expect(Set(final.moments.keys) == Set(settings.optimizer.momentNames))
    }

    @Test func changedSettingsAreFollowed() throws {
        let samples = try harmonicSamples(count: 16)
        func trainer(_ settings: TrainingSettings) throws -> Trainer {
            try Trainer(
                smallModel(), settings, training: samples, validation: [], on: bestDevice())
        }
        let first = try trainer(settings)
        _ = try first.run { _ in }
        var longer = settings
        longer.epochs = 6
        var plateau = ReduceOnPlateau()
        plateau.patience = 9
        longer.schedule = plateau
        let second = try trainer(longer)
        try second.restore(first.state, learningRate: 1e-4)
        var epochs: [Int] = []
        let end = try second.run { event in
            guard case .epochEnded(let summary) = event else { return }
            epochs.append(summary.epoch)
            #expect(summary.learningRate == 1e-4)
        }
        #expect(end == .epochs)
        #expect(epochs == [5, 6])
    }

    @Test func everyDamageIsNoticed() throws {
        let path = temporaryPath()
        defer { unlink(path) }
        let trainer = try Trainer(
            smallModel(), quickSettings(epochs: 1), training: harmonicSamples(count: 8), validation: [],
            on: bestDevice())
        _ = try trainer.run { _ in }
        let checkpoint = Checkpoint(trainer.state, precision: .float32, identity: identity)
        try checkpoint.write(to: path)
        #expect(try Checkpoint.read(path) == checkpoint)
        let bytes = try readFile(path: path)
        var generator = SeededGenerator(seed: 8)
        for count in [0, 7, 8, bytes.count / 2, bytes.count - 1] {
            try writeFileAtomically(path: path, bytes: Array(bytes.prefix(count)))
            #expect(throws: ApusError.self, "\(count) bytes") { try Checkpoint.read(path) }
        }
        for _ in 0..<200 {
            var damaged = bytes
            let position = generator.index(below: bytes.count)
            damaged[position] ^= 1 << UInt8(generator.index(below: 8))
            try writeFileAtomically(path: path, bytes: damaged)
            #expect(throws: ApusError.self, "byte \(position)") { try Checkpoint.read(path) }
        }
    }

    private func temporaryPath() -> String {
        var template = Array("/tmp/apus-checkpoint-XXXXXX".utf8CString)
        close(mkstemp(&template))
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Every bit of a small file.
    @Test func everyFlippedBitIsRefused() throws {
        let trainer = try Trainer(
            smallModel("SchNet"), settings, training: try harmonicSamples(count: 4), validation: [], on: bestDevice())
        let path = temporaryPath()
        defer { unlink(path) }
        try Checkpoint(trainer.state, precision: .float32, identity: identity).write(to: path)
        let bytes = try readFile(path: path)
        let header = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(throws: Never.self) { _ = try Checkpoint.read(path) }
        for bit in Array(0..<8 * header) + stride(from: 8 * header, to: 8 * bytes.count, by: 1009) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let error = #expect(throws: ApusError.self) { _ = try Checkpoint(bytes: damaged, file: path) }
            #expect(error?.kind == .data, "bit \(bit): \(error?.description ?? "accepted")")
        }
    }
}
