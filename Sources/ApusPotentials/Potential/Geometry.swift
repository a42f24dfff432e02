import ApusGraph

/// A list of the pairs of atoms within a cutoff, which a potential or an energy term asks for.
public struct PairRequest: Hashable, Sendable {
    /// The list.
    public let list: PairList
    /// The largest distance, in the length unit of the model.
    public let cutoff: Double

    /// A list with its cutoff.
    public init(_ list: PairList = .network, cutoff: Double) { (self.list, self.cutoff) = (list, cutoff) }

    /// The name of the vectors among the inputs of a program.
    var vectors: String { list == .network ? "pair vectors" : "vectors of \(list.name)" }
}

/// What a potential sees of the atoms: the pairs within its cutoff, as vectors, distances and directions.
///
/// Positions themselves do not appear, so every potential is invariant to translation and ready for periodic images.
public struct Geometry {
    /// r_ij = r_j − r_i, `pairs`, `[3, 1]`.
    public let vectors: Tensor
    /// d_ij = |r_ij|, `pairs`, `[1]`.
    public let distances: Tensor
    /// r_ij / d_ij, `pairs`, `[3, 1]`; changes sign with the order of the pair.
    public let directions: Tensor

    private let tabulation: Tabulation?

    init(_ graph: Graph, _ pairs: PairRequest, tabulation: Tabulation? = nil) {
        self.tabulation = tabulation
        vectors = graph.input(pairs.vectors, rows: pairs.list.rows, shape: .vector)
        distances = squareRoot(contract(vectors, vectors, to: .scalar)).named("distances")
        directions = (vectors * reciprocal(distances)).named("directions")
    }
}

extension Geometry {
    /// A function of the distance for every pair: looked up in a table where the graph has tables, else computed.
    ///
    /// - Parameter function: makes `[F]` per row from distances of `[1]`.
    public func radial(_ function: (Tensor) -> Tensor) -> Tensor {
        guard let tabulation else { return function(distances) }
        let table = RadialTable(
            distances.graph, end: tabulation.end, points: tabulation.points, function: function)
        return table(distances)
    }
}
