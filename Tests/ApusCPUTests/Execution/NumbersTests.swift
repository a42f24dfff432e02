import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Flat arrays of numbers in either precision.
@Suite struct NumbersTests {
    private let values = [0.1, -2, 3e30, 0x1p-140, .infinity]

    @Test func doublesAreKept() {
        let numbers = Numbers(values, precision: .float64)
        #expect(numbers.count == 5)
        #expect(numbers.values == values)
    }

    @Test func floatsAreRounded() {
        let numbers = Numbers(values, precision: .float32)
        #expect(numbers.values == values.map { Double(Float($0)) })
        #expect(numbers[0] != 0.1)
        numbers[1] = 1 + 0x1p-40
        #expect(numbers[1] == 1)
    }

    @Test(arguments: Precision.allCases) func startsWithZeros(_ precision: Precision) {
        #expect(Numbers(count: 7, precision: precision).values == [Double](repeating: 0, count: 7))
        #expect(Numbers([], precision: precision).values.isEmpty)
    }

    @Test(arguments: Precision.allCases) func stretchesAndCopies(_ precision: Precision) {
        let numbers = Numbers([1, 2, 3, 4], precision: precision)
        #expect(numbers[Program.Span(offset: 1, count: 2)] == [2, 3])
        let copy = Numbers(count: 4, precision: precision)
        copy.copy(from: numbers)
        numbers[0] = 9
        #expect(copy.values == [1, 2, 3, 4])
    }

    @Test func elementSizes() {
        #expect(Precision.float32.elementSize == 4)
        #expect(Precision.float64.elementSize == 8)
    }
}
