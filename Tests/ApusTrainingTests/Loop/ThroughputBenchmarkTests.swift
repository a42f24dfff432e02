import ApusCPU
import ApusGraph
import Testing

@testable import ApusTraining

@Suite struct ThroughputBenchmarkTests {
    /// Adam reads w, g, m, v and writes w, m, v; plain descent reads w, g and writes w.
    @Test func costsOfOptimizers() {
        #expect(AdamW().cost(parameters: 10, elementSize: 4) == Cost(operations: 350, bytes: 280))
        let descent = GradientDescent()
        #expect(descent.cost(parameters: 10, elementSize: 8) == Cost(operations: 50, bytes: 240))
        let momentum = GradientDescent(momentum: 0.9)
        #expect(momentum.cost(parameters: 10, elementSize: 4) == Cost(operations: 70, bytes: 200))
    }

    @Test func aMeasuredStepIsCountedWhole() throws {
        let settings = quickSettings(epochs: 1)
        let result = try ThroughputBenchmark(
            smallModel(), settings, batch: harmonicSamples(count: 40, atoms: [8]), seconds: 0, profiled: true,
            on: bestDevice(threads: 2))
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
