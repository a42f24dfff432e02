import ApusSystem

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
