import ApusGraph

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

    static let vectorsName = "pair vectors"

    init(_ graph: Graph) {
        vectors = graph.input(Self.vectorsName, rows: .pairs, shape: .vector)
        distances = squareRoot(contract(vectors, vectors, to: .scalar)).named("distances")
        directions = (vectors * reciprocal(distances)).named("directions")
    }
}

/// A network that describes each atom in its neighbourhood by invariant features.
///
/// To add a potential, write a type like ``SchNet`` or ``PaiNN`` in one file and give it a case in ``Architecture``.
public protocol Representation: Sendable {
    /// Beyond this distance atoms do not see each other, in the length unit of the model.
    var cutoff: Double { get }
    /// The number of features F of an atom.
    var features: Int { get }
    /// Rows of the embedding: atomic numbers must be smaller.
    var embeddingRows: Int { get }
    /// Builds the network: `atoms`, `[F]`.
    func features(of geometry: Geometry, _ layers: Layers) -> Tensor
}
