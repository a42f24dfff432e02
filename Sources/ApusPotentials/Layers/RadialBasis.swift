import ApusCPU
import ApusGraph
import ApusSystem

/// Gaussians that resolve a distance: φ_k(d) = exp(−(d − μ_k)²/(2 w_k²)).
public struct RadialBasis: Codable, Sendable, Hashable {
    /// The centres μ, in the length unit of the model.
    public let centers: [Double]
    /// The widths w, in the length unit of the model.
    public let widths: [Double]

    /// Gaussians with given centres and widths.
    public init(centers: [Double], widths: [Double]) {
        require(centers.count == widths.count && !centers.isEmpty, "as many widths as centres are needed")
        self.centers = centers
        self.widths = widths
    }

    /// `count` centres evenly from zero to the cutoff, as wide as they are apart (SchNetPack's choice).
    public static func evenlySpaced(_ count: Int, cutoff: Double) -> RadialBasis {
        require(count > 1, "a radial basis needs at least two functions")
        let spacing = cutoff / Double(count - 1)
        return RadialBasis(
            centers: (0..<count).map { spacing * Double($0) }, widths: [Double](repeating: spacing, count: count))
    }

    /// The number of functions K.
    public var count: Int { centers.count }

    /// φ(d), `[K]`, or `[K + 1]` with the constant function last.
    public func callAsFunction(_ distance: Tensor, withConstant: Bool = false) -> Tensor {
        let shape = Shape(features: count)
        return gaussianBasis(
            distance, centers: distance.graph.constant(centers, shape: shape),
            gammas: distance.graph.constant(widths.map { 0.5 / ($0 * $0) }, shape: shape), withConstant: withConstant)
    }
}
