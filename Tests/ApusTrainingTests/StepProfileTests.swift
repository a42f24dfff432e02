import ApusGraph
import Testing

@testable import ApusTraining

@Suite struct StepProfileTests {
    private func profile(entries: [ExecutionProfile.Entry] = [], phases: [ExecutionProfile.Phase] = []) -> StepProfile {
        StepProfile(threads: 2, seconds: 4, entries: entries, phases: phases)
    }

    private func entry(_ seconds: Double, operations: Double = 0, bytes: Double = 0, isBlocked: Bool = false)
        -> ExecutionProfile.Entry
    {
        .init(
            kind: "", rows: "", seconds: seconds, calls: 1, rowCount: 1,
            cost: Cost(operations: operations, bytes: bytes), isBlocked: isBlocked)
    }

    /// Nine tenths in eight parts: 1/(0.1 + 0.9/n), and no more than eight threads on the parts.
    @Test func speedups() {
        let profile = profile(phases: [
            .init(name: "serial", seconds: 1, pieces: [(1, 1)]), .init(name: "shared", seconds: 4.5, pieces: [(9, 8)]),
        ])
        #expect(profile.serialSeconds == 1)
        for (threads, amdahl, lanes) in [(1, 1.0, 1.0), (2, 1 / 0.55, 1 / 0.55), (16, 1 / 0.15625, 1 / 0.2125)] {
            #expect(abs(profile.amdahlSpeedup(threads: threads) - amdahl) < 1e-14 * amdahl)
            #expect(abs(profile.speedup(threads: threads) - lanes) < 1e-14 * lanes)
        }
    }

    @Test func theSlowerOfArithmeticAndMemoryIsTheBound() {
        let roofline = Roofline(peak: 50, bandwidth: 100, blockBandwidth: 200)
        let entries = [
            entry(5, operations: 100, bytes: 100), entry(2, operations: 100, bytes: 1000),
            entry(1, operations: 100, bytes: 1000, isBlocked: true), entry(0),
        ]
        #expect(entries.map { roofline.seconds(for: $0) } == [2, 10, 5, 0])
        let profile = profile(entries: entries)
        #expect(roofline.seconds(for: profile) == 17)
        #expect(entries.map { profile.share(of: $0) } == [0.625, 0.25, 0.125, 0])
    }

    /// Adam reads w, g, m, v and writes w, m, v; plain descent reads w, g and writes w.
    @Test func costsOfOptimizers() {
        #expect(Optimizer.adamW.cost(parameters: 10, elementSize: 4) == Cost(operations: 350, bytes: 280))
        let descent = Optimizer.descent(momentum: 0, isNesterov: false)
        #expect(descent.cost(parameters: 10, elementSize: 8) == Cost(operations: 50, bytes: 240))
        let momentum = Optimizer.descent(momentum: 0.9, isNesterov: false)
        #expect(momentum.cost(parameters: 10, elementSize: 4) == Cost(operations: 70, bytes: 200))
    }

    @Test func aMeasuredStepIsCountedWhole() throws {
        var settings = quickSettings(epochs: 1)
        settings.threads = 2
        let result = try ThroughputBenchmark(
            smallModel(), settings, batch: harmonicSamples(count: 40, atoms: [8]), seconds: 0, profiled: true,
            instructionSet: bestInstructionSet)
        let profile = try #require(result.profile)
        #expect(profile.threads == 2 && profile.steps >= 5)
        let kinds = profile.entries.map(\.kind)
        for kind in [
            "matrix product", "outer product", "convolution", "pair search and labels", "optimiser", "waiting",
        ] {
            #expect(kinds.contains(kind), "\(kind)")
        }
        let threadSeconds = 2 * profile.seconds
        #expect(abs(profile.entries.reduce(0) { $0 + $1.seconds } - threadSeconds) < 1e-9 * threadSeconds)
        #expect(abs(profile.entries.reduce(0) { $0 + profile.share(of: $1) } - 1) < 1e-12)
        #expect(abs(profile.phases.reduce(0) { $0 + $1.seconds } - profile.seconds) < 1e-9 * profile.seconds)
        #expect(profile.speedup(threads: 1) == 1 && profile.amdahlSpeedup(threads: 1) == 1)
        #expect(profile.speedup(threads: 32) <= profile.amdahlSpeedup(threads: 32) * (1 + 1e-12))
        let optimizer = try #require(profile.entries.first { $0.kind == "optimiser" })
        let parameters = smallModel().parameters.count
        #expect(optimizer.cost == settings.optimizer.cost(parameters: parameters, elementSize: 4))
        #expect(optimizer.seconds > 0)
    }
}
