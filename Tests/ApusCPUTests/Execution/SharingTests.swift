import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Chunks that threads share: no two touch one atom at a time, and the numbers are the same for any number of threads.
@Suite struct SharingTests {
    private let model = TestModel()
    /// One group, four slices, four and sixteen parts, with few atoms and with more than a task goes through.
    private static let sizes = [
        Batch.Sizes(systems: 1, atoms: 9, pairs: 36), .init(systems: 2, atoms: 21, pairs: 150),
        .init(systems: 1, atoms: 330, pairs: 900), .init(systems: 1, atoms: 200, pairs: 2000),
        .init(systems: 3, atoms: 250, pairs: 5100), .init(systems: 1, atoms: 400, pairs: 300),
        .init(systems: 1, atoms: 5, pairs: 0),
    ]

    private func batch(_ sizes: [Batch.Sizes]) -> Batch {
        var ranges = ["vectors": 0.3...1.2]
        for parameter in model.graph.parameters { ranges[parameter.name] = -0.4...0.4 }
        return Batch(for: model.tensors, sizes: sizes, ranges: ranges, seed: 11)
    }

    @Test(arguments: Precision.allCases, sizes.map { [$0] } + [[sizes[1], sizes[2]]])
    func anyNumberOfThreadsGivesTheSameBits(_ precision: Precision, _ sizes: [Batch.Sizes]) throws {
        let outputs = Array(model.tensors.prefix(2))
        let batch = batch(sizes)
        let expected = try Evaluation(outputs, precision: precision)(batch)
        #expect(expected.joined().joined().contains { $0 != 0 })
        for threads in [2, 5] {
            let evaluation = Evaluation(outputs, precision: precision, threads: threads)
            for _ in 0..<20 {
                let values = try evaluation(batch)
                #expect(values == expected, "\(threads) threads")
            }
        }
    }

    @Test(arguments: Precision.allCases) func definitionsAreFollowed(_ precision: Precision) {
        let evaluation = Evaluation(Array(model.tensors.prefix(2)), precision: precision, threads: 2)
        for sizes in Self.sizes { expect(evaluation, computes: batch([sizes]), "\(sizes)") }
    }

    @Test(arguments: sizes) func groupsOfARoundAddToDifferentNumbers(_ sizes: Batch.Sizes) {
        let part = batch([sizes]).parts[0]
        let groups = PairGroups(atoms: sizes.atoms, first: part.pairFirst, second: part.pairSecond)
        let order = groups.order ?? Array(0..<sizes.pairs)
        #expect(order.sorted() == Array(0..<sizes.pairs))
        #expect(groups.rounds.joined().flatMap { Array($0.pairs) }.sorted() == Array(0..<sizes.pairs))
        for slice in 0..<groups.slices {
            let begun = groups.rounds.joined().filter { $0.slice == slice }.flatMap { Array($0.firstAtoms) }
            #expect(begun.sorted() == Array(0..<sizes.atoms), "slice \(slice)")
        }
        for round in groups.rounds {
            let sums = round.map { group in
                Set(group.pairs.flatMap { [part.pairFirst[order[$0]], part.pairSecond[order[$0]]] }.map(Int.init))
                    .union(group.firstAtoms).map { [group.slice, $0] }
            }
            #expect(sums.reduce(0) { $0 + $1.count } == sums.reduce(into: Set()) { $0.formUnion($1) }.count)
        }
    }

    /// Every pair's section has its sums, and those of a slice follow one another.
    @Test func sumsOfSections() {
        let program = compile(outputs: Array(model.tensors.prefix(2)))
        let sums = program.sections.filter(\.isOfBlocks).map(\.sums)
        #expect(!sums.isEmpty && sums.allSatisfy { Set($0.map(\.place)).count == $0.count })
        for sums in sums {
            #expect(sums.map(\.offset) == sums.indices.map { k in sums[..<k].reduce(0) { $0 + $1.count } })
        }
        #expect(program.sections.filter(\.isOfBlocks).map(\.sumWidth) == sums.map { $0.reduce(0) { $0 + $1.count } })
        #expect(program.sections.allSatisfy { $0.isOfBlocks || $0.sums.isEmpty })
    }
}

extension Section {
    /// Whether the steps go through a list block by block.
    var isOfBlocks: Bool {
        if case .blocks = kind { true } else { false }
    }
}
