import ApusCPU
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

@Suite struct OutliersTests {
    /// Against mean, deviation and distances over all errors at once; four outliers among 20,000 errors.
    @Test func outliersAreFartherThanThreeDeviations() {
        var generator = SeededGenerator(seed: 8)
        var errors = (0..<20_000).map { _ in 0.5 + 0.01 * generator.uniform() }
        for (place, error) in [(17, 0.7), (4000, 0.1), (12_345, -0.2), (19_999, 0.6)] { errors[place] = error }
        var outliers = Outliers()
        for (k, error) in errors.enumerated() { outliers.add(error, of: "sample \(k)") }
        outliers.add(.nan, of: "not a number")
        let mean = errors.reduce(0, +) / Double(errors.count)
        let deviation = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count)).squareRoot()
        // Errors add up in another order; the rounding of 20,000 sums is below 10⁻¹¹.
        #expect(outliers.count == errors.count && abs(outliers.mean - mean) < 1e-11)
        #expect(abs(outliers.deviation - deviation) < 1e-11)
        let expected = errors.enumerated().filter { abs($0.element - mean) > 3 * deviation }.sorted {
            abs($0.element - mean) > abs($1.element - mean)
        }
        #expect(expected.map(\.offset) == [12_345, 4000, 17, 19_999])
        #expect(outliers.entries.map(\.name) == expected.map { "sample \($0.offset)" })
        #expect(outliers.entries.map(\.error) == expected.map(\.element))
    }

    /// Any number of errors takes the same memory, and the farthest are kept.
    @Test func memoryIsBounded() throws {
        var outliers = Outliers()
        for k in 0..<50_000 { outliers.add(k % 10 == 0 ? Double(k) : 0, of: "\(k)") }
        let remembered = Mirror(reflecting: outliers).children.first { $0.label == "extremes" }?.value
        #expect(try #require(remembered as? [Outliers.Entry]).count < 4 * Outliers.remembered)
        #expect(outliers.entries.first?.error == 49_990)
    }

    @Test func equalErrorsAndNoneHaveNoOutliers() {
        var outliers = Outliers()
        #expect(outliers.entries.isEmpty && outliers.deviation == 0)
        for k in 0..<100 { outliers.add(0.25, of: "\(k)") }
        #expect(outliers.entries.isEmpty && outliers.deviation == 0)
    }

    /// Errors are those of the energy per atom; they are looked for in the epochs that are asked for, and a run that is
    /// interrupted within an epoch forgets none.
    @Test func epochsThatAreReportedOnHaveThem() throws {
        let samples = try harmonicSamples(count: 40, atoms: [2, 4, 1])
        var settings = TrainingSettings()
        settings.epochs = 4
        settings.batchSize = .systems(8)
        settings.reportFrequency = 2
        func trainer() throws -> Trainer {
            try Trainer(
                smallModel(), settings, training: Array(samples[..<30]), validation: Array(samples[30...]),
                on: bestDevice())
        }
        func collecting(_ summaries: inout [EpochSummary], _ event: TrainingEvent) {
            if case .epochEnded(let summary) = event { summaries.append(summary) }
        }
        var whole: [EpochSummary] = []
        _ = try trainer().run { collecting(&whole, $0) }
        #expect(whole.map { $0.training.outliers?.count } == [nil, 30, nil, 30])
        #expect(whole.map { $0.validation?.outliers?.count } == [nil, 10, nil, 10])
        let first = try #require(whole[1].validation)
        let difference = try #require(first.outliers?.mean) - first.energyPerAtom.meanSigned
        #expect(abs(difference) < 1e-12)

        let interrupted = try trainer()
        var steps = 0
        var parts: [EpochSummary] = []
        let end = try interrupted.run(isInterrupted: {
            steps += 1
            return steps == 6
        }) { collecting(&parts, $0) }
        #expect(end == .interruption)
        let resumed = try trainer()
        let path = "/tmp/apus-outliers-\(getpid())"
        defer { unlink(path) }
        try Checkpoint(interrupted.state, precision: .float32, identity: .init(model: "m", data: "d")).write(to: path)
        try resumed.restore(Checkpoint.read(path).state)
        _ = try resumed.run { collecting(&parts, $0) }
        #expect(parts.map(\.training.outliers) == whole.map(\.training.outliers))
    }
}
