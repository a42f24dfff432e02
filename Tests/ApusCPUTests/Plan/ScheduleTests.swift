import Testing

@testable import ApusCPU
@testable import ApusGraph

@Suite struct ScheduleTests {
    /// A step that computes one number from others.
    private func step(_ output: Int, of inputs: [Int]) -> Step {
        var numbering = Numbering()
        let operand = { Operand(place: $0, rows: .fixed(1), shape: .scalar, tensor: $0) }
        return Step(
            operation: Affine(scale: 1, shift: 0), inputs: inputs.map(operand), output: operand(output),
            mode: .overwrite,
            name: "", work: Work(rows: .fixed(1)), numbering: &numbering)
    }

    @Test func chainsAdvanceTogether() {
        let schedule = Schedule([
            step(10, of: [0]), step(11, of: [10]), step(12, of: [11]), step(20, of: [0]), step(21, of: [20, 10]),
        ])
        #expect(schedule.steps.map(\.output.place) == [10, 20, 11, 21, 12])
        #expect(schedule.dependencies == [[], [], [0], [0, 1], [2]])
    }

    /// Chains of 1 + 3 and 1 + 2 with 5 beside them: 12 in all, at least 5 after each other.
    @Test func theLongestChainLimitsTheThreads() {
        let schedule = Schedule([
            step(10, of: [0]), step(11, of: [10]), step(20, of: [0]), step(21, of: [20]), step(30, of: [0]),
        ])
        #expect(schedule.steps.map(\.output.place) == [10, 20, 30, 11, 21])
        #expect(schedule.width([1, 1, 5, 3, 2]) == 2)
        #expect(schedule.width([1, 1, 0, 3, 0]) == 1)
        #expect(schedule.width([0, 0, 0, 0, 0]) == 1)
        #expect(Schedule([]).width([]) == 1)
    }

    @Test func aPlaceIsWrittenAgainAfterItWasWritten() {
        let schedule = Schedule([step(10, of: [0]), step(11, of: [10]), step(11, of: [0])])
        #expect(schedule.dependencies == [[], [0], [1]])
    }
}
