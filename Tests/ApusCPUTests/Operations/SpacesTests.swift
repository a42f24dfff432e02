import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Index sets as data: several lists of pairs, triples, subsets, and what is made of the neighbours of an atom.
@Suite struct SpacesTests {
    /// One atom with three neighbours, and one with one.
    private func star(_ values: [String: [Double]]) -> Batch {
        var batch = Batch(for: [], sizes: [])
        var part = Chunk()
        part.systems = 1
        part[.systemOfAtom] = [0, 0, 0, 0]
        part[.speciesOfAtom] = [0, 0, 0, 0]
        part[PairList.network.first] = [0, 2, 0]
        part[PairList.network.second] = [1, 0, 3]
        part.inputs = values
        batch.parts = [part]
        return batch
    }

    @Test func softmaxAddsUpToOneForEveryAtom() throws {
        let graph = Graph()
        let (a, b) = (graph.input("a", rows: .pairs), graph.input("b", rows: .pairs))
        let (first, second) = neighborSoftmax(toFirst: a, toSecond: b)
        let sums =
            segmentSum(first, by: PairList.network.first, into: .atoms)
            + segmentSum(second, by: PairList.network.second, into: .atoms)
        // Sizes whose exponentials would overflow.
        let batch = star(["a": [1000, 2, 999], "b": [-5, 998, 0]])
        let values = try Evaluation([first, second, sums])(batch)
        #expect(values[2][0].allSatisfy { ($0 - 1).magnitude < 1e-15 })
        let weights = [1, 1 / M.e, 1 / (M.e * M.e)]
        let total = weights.reduce(0, +)
        #expect((values[0][0][0] - weights[0] / total).magnitude < 1e-15)
        #expect((values[0][0][2] - weights[1] / total).magnitude < 1e-15)
        #expect((values[1][0][1] - weights[2] / total).magnitude < 1e-15)
    }

    private enum M { static let e = 2.718281828459045 }

    /// An atom without neighbours has the lowest number, which is finite.
    @Test(arguments: Precision.allCases) func maximumOfNothing(_ precision: Precision) throws {
        let a = Graph().input("a", rows: .pairs)
        let largest = segmentMaximum([(a, by: PairList.network.first)], into: .atoms)
        let values = try Evaluation([largest], precision: precision)(star(["a": [-3, 7, -2]]))[0][0]
        #expect(values[0] == -2 && values[2] == 7)
        #expect(values[1] == values[3] && values[1].isFinite && values[1] < -1e37)
    }

    /// The numbers go on, the gradient does not.
    @Test func constantsHaveNoGradient() throws {
        let graph = Graph()
        let (a, b) = (graph.input("a", rows: .pairs), graph.input("b", rows: .pairs))
        let product = a * stopGradient(silu(b))
        let gradients = gradient(of: product, by: [a, b])
        #expect(gradients[1] == nil)
        let batch = star(["a": [2, -1, 3], "b": [1, 0, -2]])
        expect(Evaluation([product, gradients[0]!]), computes: batch, "a stopped gradient")
    }

    /// Lists run in stretches of their own, one after the other where one needs the other.
    @Test func listsHaveStretchesOfTheirOwn() {
        let graph = Graph()
        let x = graph.input("x", rows: .atoms, shape: Shape(features: 3))
        let w = graph.input("w", rows: .pairs, shape: Shape(features: 3))
        let triples = OperationCase.triples
        let ofTriples = gather(silu(w), by: triples.first) * gather(silu(w), by: triples.second)
        let message = segmentSum(ofTriples, by: triples.center, into: .atoms)
        let program = compile(outputs: [pairConvolution(x + message, filter: silu(w))])
        let lists = program.sections.compactMap { section -> IndexSet? in
            guard case .blocks(let list) = section.kind else { return nil }
            return program.numbering.sets[list]
        }
        #expect(lists == [.list("pairs", of: .atoms), triples.rows.indexSet, .list("pairs", of: .atoms)])
        // What triples read of pairs is kept whole, what they make for themselves is not.
        let silu = program.body.first { $0.operation.label == "silu" }!
        guard case .chunk = program.places[silu.output.place] else {
            Issue.record("the numbers of pairs that triples read are not kept")
            return
        }
        let product = program.body.first { $0.operation.label == "product" }!
        guard case .block = program.places[product.output.place] else {
            Issue.record("the numbers of triples are kept")
            return
        }
    }

    /// Threads share a list where sums go to its elements alone.
    @Test func sharingOfLists() {
        let graph = Graph()
        let w = graph.input("w", rows: .pairs)
        let toAtoms = compile(outputs: [segmentSum(w, by: PairList.network.first, into: .atoms)])
        #expect(toAtoms.sections.contains { $0.sharing != nil })
        let largest = compile(outputs: [segmentMaximum([(w, by: PairList.network.first)], into: .atoms)])
        #expect(largest.sections.allSatisfy { $0.sharing == nil })
        let ofTriples = gather(w, by: OperationCase.triples.first)
        let named = compile(outputs: [
            segmentSum(ofTriples, by: OperationCase.triples.center, into: .atoms), pairScatter(w),
        ])
        #expect(named.sections.allSatisfy { $0.sharing == nil || $0.sums.isEmpty == false })
    }

    /// The same numbers whether one thread or several share a chunk with several lists, triples and maxima.
    @Test(arguments: [1, 2, 5]) func sharedChunks(threads: Int) throws {
        let graph = Graph()
        let shape = Shape(features: 4)
        let x = graph.input("x", rows: .atoms, shape: shape)
        let w = graph.input("w", rows: .pairs, shape: shape)
        let v = graph.input("v", rows: OperationCase.far.rows, shape: shape)
        let triples = OperationCase.triples
        let (first, second) = neighborSoftmax(toFirst: w, toSecond: 2 * w)
        let attention =
            segmentSum(first, by: PairList.network.first, into: .atoms) * x
            + segmentSum(second, by: PairList.network.second, into: .atoms)
        let angles = segmentSum(
            gather(w, by: triples.first) * gather(w, by: triples.second), by: triples.center, into: .atoms)
        let y = pairConvolution(attention + angles, filter: v)
        let energy = segmentSum(contract(y, x, to: .scalar), by: .systemOfAtom, into: .systems)
        let tensors = [energy, y] + gradient(of: energy, by: [x]).compactMap { $0 }
        for sizes in [Batch.Sizes(systems: 2, atoms: 21, pairs: 150), .init(systems: 1, atoms: 200, pairs: 2000)] {
            let batch = Batch(for: tensors, sizes: [sizes])
            let evaluation = Evaluation(tensors, threads: threads)
            expect(evaluation, computes: batch, "\(threads) threads")
            let values = try evaluation(batch)
            #expect(try Evaluation(tensors)(batch) == values)
        }
    }

    private static let faults: [(map: RowMap, entries: [Int32], text: String)] = [
        (.systemOfAtom, [0, 0, 0, 1], "the system of atom has the entry 1, which is not one of 1 rows of systems"),
        (.systemOfAtom, [0, 0, -1, 0], "the system of atom has the entry -1, which is not one of 1 rows of systems"),
        (.systemOfAtom, [0, 0, 0], "the system of atom has 3 entries for 4 rows of atoms"),
        (
            .speciesOfAtom, [0, 5, 0, 0],
            "the species of atom has the entry 5, which is not one of 5 rows of fixed rows"
        ),
        (
            .speciesOfAtom, [0, -7, 0, 0],
            "the species of atom has the entry -7, which is not one of 5 rows of fixed rows"
        ),
        (PairList.network.first, [0, 4, 0], "the first of pairs has the entry 4, which is not one of 4 rows of atoms"),
        (
            PairList.network.first, [-1, 2, 0],
            "the first of pairs has the entry -1, which is not one of 4 rows of atoms"
        ),
        (
            PairList.network.second, [1, 0, 4],
            "the second of pairs has the entry 4, which is not one of 4 rows of atoms"
        ),
        (PairList.network.second, [1, 0], "the second of pairs has 2 entries for 3 rows of pairs"),
    ]

    /// Kernels trust maps, so every one is checked, at both limits.
    @Test(arguments: faults.indices) func mapsAreChecked(_ fault: Int) {
        let (map, entries, text) = Self.faults[fault]
        let used = [RowMap.systemOfAtom, .speciesOfAtom, PairList.network.first, PairList.network.second]
        let right = star([:]).parts[0]
        #expect(right.fault(of: used, tableRows: 5) == nil)
        var wrong = Chunk()
        wrong.systems = 1
        // The wrong map first: the number of rows is that of the map that was set last.
        for other in [map] + used.filter({ $0 != map }) { wrong[other] = other == map ? entries : right[other] }
        if wrong.counts[map.source] == entries.count, entries.count != right[map].count { return }
        #expect(wrong.fault(of: used, tableRows: 5) == text)
    }
}
