import ApusCPU
import ApusGraph
import ApusSystem

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

    private let tabulation: Tabulation?

    init(_ graph: Graph, tabulation: Tabulation? = nil) {
        self.tabulation = tabulation
        vectors = graph.input(Self.vectorsName, rows: .pairs, shape: .vector)
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

/// How functions of the distance are tabulated: once per step on a grid rather than for every pair.
public struct Tabulation: Sendable, Equatable {
    /// The last distance of the grid, the cutoff.
    public let end: Double
    /// Distances in the grid.
    public let points: Int

    /// A grid so fine that the error of interpolation stays below the rounding of float32: spaced 1/8 of the narrowest
    /// width w of a radial basis, where a Gaussian is met to 15 (1/8)⁶/46080 = 10⁻⁹ and its slope, up to
    /// 0.6/w, to 4·10⁻⁸/w.
    public init(_ basis: RadialBasis, cutoff: Double) {
        end = cutoff
        // A whole number of widths is the same one in every unit, whatever the division rounds to.
        points = Int(saturating: (8 * cutoff / (basis.widths.min() ?? cutoff) - 1e-6).rounded(.up)) + 1
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
    /// The function between linear layers.
    var activation: Activation { get }
    /// How filters that depend on the distance alone may be tabulated; nil where there are none worth it.
    var tabulation: Tabulation? { get }
    /// Rows of the embedding: atomic numbers must be smaller.
    var embeddingRows: Int { get }
    /// Builds the network: `atoms`, `[F]`.
    func features(of geometry: Geometry, _ layers: Layers) -> Tensor
}

extension Representation {
    /// Without filters that cost more than a lookup.
    public var tabulation: Tabulation? { nil }
}
