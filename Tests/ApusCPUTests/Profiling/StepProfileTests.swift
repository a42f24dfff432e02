import Testing

@testable import ApusCPU
@testable import ApusGraph

@Suite struct StepProfileTests {
    private func profile(entries: [ExecutionProfile.Entry] = [], phases: [ExecutionProfile.Phase] = []) -> StepProfile {
        StepProfile(
            threads: 2, seconds: 4, entries: entries, phases: phases, precision: .float32, arenaBytes: 0, blockBytes: 0)
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
}
