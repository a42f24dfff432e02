import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

struct SplitTests {
    private func split(
        _ count: Int, _ sizes: [Double], _ strategy: Split.Strategy = .randomConformer, seed: UInt64 = 1,
        testSeed: UInt64? = nil
    ) throws -> Split {
        let records = (0..<count).map { "record \($0 / 4)" }
        return try Split(
            records: records, strategy: strategy, sizes: try Split.Sizes(sizes), seed: seed, testSeed: testSeed)
    }

    private func sentenceOfSplitting(
        _ count: Int, _ sizes: [Double], _ strategy: Split.Strategy = .randomConformer
    ) throws -> String {
        let error = apusError { _ = try split(count, sizes, strategy) }
        #expect(error?.kind == .configuration)
        return sentence(error)
    }

    @Test(arguments: [
        (103, [0.8, 0.1, 0.1], [83, 10, 10]),
        (104, [0.8, 0.1, 0.1], [84, 10, 10]),
        (10, [0.7, 0.2, 0.1], [7, 2, 1]),
        (100, [0.29, 0.71, 0], [29, 71, 0]),
        (7, [0.5, 0, 0.5], [4, 0, 3]),
        (1000, [1, 0, 0], [1000, 0, 0]),
        (1000, [950, 50, 0], [950, 50, 0]),
        (1000, [100, 50, 25], [100, 50, 25]),
    ])
    func sizes(count: Int, sizes: [Double], expected: [Int]) throws {
        let split = try split(count, sizes)
        #expect([split.training.count, split.validation.count, split.test.count] == expected)
        let all = split.training + split.validation + split.test
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy((0..<count).contains))
        #expect(split.training == split.training.sorted())
    }

    @Test func seedsDecide() throws {
        let first = try split(100, [0.8, 0.1, 0.1], seed: 1)
        #expect(try split(100, [0.8, 0.1, 0.1], seed: 1) == first)
        #expect(try split(100, [0.8, 0.1, 0.1], seed: 2) != first)
        // Published splits must stay reproducible. The positions were computed apart from this project.
        #expect(first.test == [12, 13, 18, 33, 37, 52, 53, 57, 64, 65])
    }

    @Test func aTestSeedFixesTheTestPart() throws {
        let first = try split(100, [0.8, 0.1, 0.1], seed: 1, testSeed: 7)
        let second = try split(100, [0.8, 0.1, 0.1], seed: 2, testSeed: 7)
        #expect(first.test == second.test)
        #expect(first.validation != second.validation)
        #expect(try split(100, [0.8, 0.1, 0.1], seed: 1, testSeed: 8).test != first.test)
        let all = (first.training + first.validation + first.test).sorted()
        #expect(all == Array(0..<100))
    }

    @Test func recordsStayTogether() throws {
        let split = try split(400, [0.8, 0.1, 0.1], .randomRecord)
        #expect([split.training.count, split.validation.count, split.test.count] == [320, 40, 40])
        let parts = [split.training, split.validation, split.test].map { Set($0.map { $0 / 4 }) }
        #expect(parts[0].isDisjoint(with: parts[1]))
        #expect(parts[0].union(parts[1]).isDisjoint(with: parts[2]))
        #expect(parts[2] != Set(90..<100))
    }

    @Test func firstComeFirstServe() throws {
        let split = try split(10, [0.7, 0.2, 0.1], .firstComeFirstServe)
        #expect(split == Split(training: Array(0..<7), validation: [7, 8], test: [9]))
    }

    @Test func refusesImpossibleSizes() throws {
        let remedy = "; write fractions such as [0.8, 0.1, 0.1] or counts such as [950, 50, 0]."
        #expect(
            try sentenceOfSplitting(10, [0.8, 0.1, 0.2])
                == "the fractions must sum to 1, but [0.8, 0.1, 0.2] sum to 1.1" + remedy)
        #expect(
            try sentenceOfSplitting(10, [0.8, 0.1, 0.1 + 1e-8]).hasPrefix("the fractions must sum to 1"))
        #expect(try split(10, [0.8, 0.1, 0.1 + 1e-10]).test.count == 1)
        #expect(
            try sentenceOfSplitting(10, [0.8, 0.2])
                == "there must be three numbers, for training, validation and test, but there are 2"
                + remedy)
        #expect(
            try sentenceOfSplitting(10, [1.2, -0.1, -0.1])
                == "a part of the data cannot be -0.1" + remedy)
        #expect(try sentenceOfSplitting(10, [.nan, 1, 0]).hasPrefix("a part of the data cannot be nan"))
        #expect(try sentenceOfSplitting(10, [12, -2, 0]).hasPrefix("a part of the data cannot be -2"))
        #expect(
            try sentenceOfSplitting(10, [9, 2, 0])
                == "[9, 2, 0] is more than the 10 configurations that there are" + remedy)
    }

    @Test func refusesEmptyParts() throws {
        #expect(
            try sentenceOfSplitting(10, [0, 0.5, 0.5])
                == "the training part of 10 configurations would be empty; use other sizes or more data.")
        #expect(
            try sentenceOfSplitting(5, [0.8, 0.1, 0.1])
                == "the validation part of 5 configurations would be empty; use other sizes or more data.")
        #expect(
            try sentenceOfSplitting(4, [0.8, 0.1, 0.1], .randomRecord)
                == "the validation part of 1 record would be empty; "
                + "use random_conformer_splitting_strategy or other sizes.")
    }

    @Test func elementsOutsideOfTrainingAreRefused() throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.read(
            "1\nProperties=species:S:1:pos:R:3\nH 0 0 0\n1\nProperties=species:S:1:pos:R:3\nBr 0 0 0\n")
        try dataset.requireElements(of: Split(training: [0, 1], validation: [], test: []))
        let error = apusError {
            try dataset.requireElements(of: Split(training: [0], validation: [], test: [1]))
        }
        #expect(
            sentence(error) == "frame 2, line 4: the test part has the element Br here, which no training "
                + "configuration has; use another split, or remove the configurations with Br.")
    }
}
