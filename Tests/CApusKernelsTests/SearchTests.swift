import CApusKernels
import Testing

/// The search for neighbours.
@Suite struct SearchTests {
    /// What kernels may read beyond the end of an array, in elements of at least four bytes.
    private static let margin = 16

    @Test(arguments: Variant.all) func numbersNear(_ variant: Variant) throws { try variant.run(NumbersNear()) }
    @Test(arguments: Variant.all) func sortDistinct(_ variant: Variant) throws { try variant.run(SortDistinct()) }

    private struct NumbersNear: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 31)
            // Points beyond the ranges, which kernels may read, are near, so that one found there would be seen.
            let cases = [
                [], [0, 1], [3, 4, 4, 4], [0, 7, 9, 10], [0, 16, 16, 32], [5, 38], [2, 35, 40, 41, 43, 60],
            ]
            for bounds in cases {
                let count = 60
                let memory = Memory()
                defer { memory.release() }
                let points: [[Real]] = (0..<3).map { _ in
                    random.reals(count) + [Real](repeating: 0, count: SearchTests.margin)
                }
                let numbers = (0..<count + SearchTests.margin).map { Int32(($0 * 37) % 97) }
                let at: [Real] = [0.1, -0.2, 0.05]
                let found = memory.copy([Int32](repeating: -1, count: count))
                let number = kernels.numbers_near(
                    bounds.count / 2, memory.copy(bounds.map(Int32.init)).start, memory.copy(points[0]).start,
                    memory.copy(points[1]).start, memory.copy(points[2]).start, memory.copy(numbers).start,
                    memory.copy(at).start, 0.7, 40, found.start)
                var expected: [Int32] = []
                for k in stride(from: 0, to: bounds.count, by: 2) {
                    for place in bounds[k]..<bounds[k + 1] where numbers[place] > 40 {
                        let square = (0..<3).reduce(0.0) { sum, axis in
                            let step = Double(points[axis][place]) - Double(at[axis])
                            return sum + step * step
                        }
                        #expect(abs(square - 0.7) > 1e-5, "a point that rounding decides on proves nothing")
                        if square < 0.7 { expected.append(numbers[place]) }
                    }
                }
                #expect((0..<number).map { found.start[$0] } == expected, "\(bounds)")
            }
        }
    }

    private struct SortDistinct: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            for count in [0, 1, 2, 7, 16, 17, 60, 512] {
                let memory = Memory()
                defer { memory.release() }
                let numbers = (0..<count).map { Int32($0 * 389 % 521) - 100 }
                // Smaller numbers beyond the end, which kernels may read, would shift all others.
                let given = numbers + [Int32](repeating: -1000, count: SearchTests.margin)
                let sorted = memory.copy([Int32](repeating: .max, count: count))
                kernels.sort_distinct(count, memory.copy(given).start, sorted.start)
                #expect((0..<count).map { sorted.start[$0] } == numbers.sorted())
            }
        }
    }
}
