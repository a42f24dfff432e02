@testable import ApusCPU
@testable import ApusGraph

extension OperationCase {
    /// A second list of pairs, with a cutoff of its own.
    static let far = PairList("far pairs")
    static let triples = TripleList(of: .network)
    static let carbons = AtomSubset(species: 6)

    private static func input(_ graph: Graph, _ name: String, _ rows: RowSpace) -> Tensor {
        graph.input(name, rows: rows, shape: scalars)
    }

    /// Index sets and maps beside systems, atoms and the pairs of the network.
    static let spaces: [OperationCase] = [
        OperationCase("gather at the first end") { gather(input($0, "x", .atoms), by: PairList.network.first) },
        OperationCase("gather at the second end") { gather(input($0, "x", .atoms), by: PairList.network.second) },
        OperationCase("segmentSum to the first end") {
            segmentSum(input($0, "x", .pairs), by: PairList.network.first, into: .atoms)
        },
        OperationCase("segmentSum of pairs into systems") {
            let ofAtoms = segmentSum(input($0, "x", .pairs), by: PairList.network.second, into: .atoms)
            return segmentSum(silu(ofAtoms), by: .systemOfAtom, into: .systems)
        },
        OperationCase("convolutions over two lists") {
            let x = input($0, "x", .atoms)
            return pairConvolution(pairConvolution(x, filter: input($0, "w", .pairs)), filter: input($0, "v", far.rows))
        },
        OperationCase("differences over another list") { pairDifference(input($0, "x", .atoms), over: far) },
        OperationCase("scatter from another list") { pairScatter(input($0, "x", far.rows)) },
        OperationCase("gather of pairs by triples") { gather(input($0, "w", .pairs), by: triples.first) },
        OperationCase("triples from both pairs to the atom in the middle") {
            let w = silu(input($0, "w", .pairs))
            let product = gather(w, by: triples.first) * gather(w, by: triples.second)
            return segmentSum(product, by: triples.center, into: .atoms)
        },
        OperationCase("triples to pairs to atoms") {
            let ofPairs = segmentSum(input($0, "t", triples.rows), by: triples.first, into: .pairs)
            return pairConvolution(input($0, "x", .atoms), filter: ofPairs * input($0, "w", .pairs))
        },
        OperationCase("a network for the atoms of one species") {
            let x = silu(gather(input($0, "x", .atoms), by: carbons.atom))
            let y = matmul(x, $0.parameter("w", rows: features, features: 5))
            return segmentSum(y, by: carbons.atom, into: .atoms)
        },
        OperationCase("reshape") {
            reshape($0.input("x", rows: .pairs, shape: Shape(components: 9)), to: Shape(components: 3, features: 3))
        },
        OperationCase("outer product of vectors of pairs") {
            let u = $0.input("u", rows: .pairs, shape: .vector)
            let v = reshape($0.input("v", rows: .pairs, shape: .vector), to: Shape(features: 3))
            return contract(u, v, to: Shape(components: 3, features: 3))
        },
        OperationCase("segmentMaximum of both ends") {
            let ends = [
                (input($0, "a", .pairs), by: PairList.network.first),
                (input($0, "b", .pairs), by: PairList.network.second),
            ]
            return gather(segmentMaximum(ends, into: .atoms), by: PairList.network.first)
        },
        OperationCase("softmax over neighbours") {
            let (first, second) = neighborSoftmax(toFirst: input($0, "a", .pairs), toSecond: input($0, "b", .pairs))
            return first - 0.5 * second
        },
    ]
}
