import ApusSystem
import Testing

/// The seeded generator: the published sequence, the moments of its distributions, fair choices.
@Suite struct RandomNumbersTests {
    /// The first numbers of SplitMix64 from its reference implementation (Vigna, prng.di.unimi.it/splitmix64.c).
    @Test(
        arguments: [
            (0, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC]),
            (
                1_234_567,
                [
                    6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                    4_593_380_528_125_082_431,
                ]
            ),
        ] as [(UInt64, [UInt64])])
    func publishedSequence(seed: UInt64, expected: [UInt64]) {
        var random = SeededGenerator(seed: seed)
        #expect(expected.map { _ in random.next() } == expected)
    }

    @Test func firstUniformNumber() {
        var random = SeededGenerator(seed: 0)
        #expect(random.uniform() == Double(0xE220_A839_7B1D_CDAF >> 11 as UInt64) / 0x1p53)
    }

    /// Means of n independent numbers scatter by σ/√n; five of that are allowed.
    @Test func uniformMoments() {
        var random = SeededGenerator(seed: 11)
        let numbers = (0..<100_000).map { _ in random.uniform() }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        expectMean(of: numbers, 1 / 2, deviation: (1.0 / 12).squareRoot())
        expectMean(of: numbers.map { $0 * $0 }, 1 / 3, deviation: (4.0 / 45).squareRoot())
        expectMean(of: zip(numbers, numbers.dropFirst()).map { $0 * $1 }, 1 / 4, deviation: (7.0 / 144).squareRoot())
    }

    @Test func normalMoments() {
        var random = SeededGenerator(seed: 12)
        let numbers = (0..<100_000).map { _ in random.normal() }
        expectMean(of: numbers, 0, deviation: 1)
        expectMean(of: numbers.map { $0 * $0 }, 1, deviation: 2.0.squareRoot())
        expectMean(of: numbers.map { $0 * $0 * $0 }, 0, deviation: 15.0.squareRoot())
        expectMean(of: numbers.map { $0 * $0 * $0 * $0 }, 3, deviation: 96.0.squareRoot())
    }

    @Test(arguments: [1, 2, 3, 10]) func choicesAreFair(_ bound: Int) {
        var random = SeededGenerator(seed: 13)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<20_000 { counts[random.index(below: bound)] += 1 }
        let expected = 20_000.0 / Double(bound)
        #expect(counts.allSatisfy { (Double($0) - expected).magnitude <= 5 * expected.squareRoot() })
    }

    @Test func shufflePermutes() {
        var random = SeededGenerator(seed: 14)
        var numbers = Array(0..<1000)
        random.shuffle(&numbers)
        #expect(numbers != Array(0..<1000))
        #expect(numbers.sorted() == Array(0..<1000))
        var again = Array(0..<1000)
        var same = SeededGenerator(seed: 14)
        same.shuffle(&again)
        #expect(again == numbers)
        var none: [Int] = []
        random.shuffle(&none)
        #expect(none.isEmpty)
    }

    @Test func everyOrderIsEquallyLikely() {
        var random = SeededGenerator(seed: 15)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<6000 {
            var numbers = [0, 1, 2]
            random.shuffle(&numbers)
            counts[numbers, default: 0] += 1
        }
        #expect(counts.count == 6)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
    }

    private func expectMean(
        of numbers: [Double], _ expected: Double, deviation: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let count = Double(numbers.count)
        let mean = numbers.reduce(0, +) / count
        #expect((mean - expected).magnitude < 5 * deviation / count.squareRoot(), sourceLocation: sourceLocation)
    }
}
