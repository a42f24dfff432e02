/// The groups that a profile gathers operations in.
public enum OperationKind: String, Sendable, CaseIterable {
    /// y = x w.
    case matrixProduct = "matrix product"
    /// y = x wᵀ: a matrix product with a matrix that was packed transposed.
    case transposedProduct = "transposed product"
    /// Σ xᵀ y.
    case outerProduct = "outer product"
    /// The continuous-filter convolution over pairs.
    case convolution = "convolution"
    /// The product of the features of both ends of a pair.
    case pairProduct = "pair product"
    /// The directional convolution over pairs and its derivatives.
    case vectorConvolution = "vector convolution"
    /// Other sparse multilinear forms, on rows and over pairs.
    case coupling = "coupling"
    /// Differences of both ends of pairs, and sums over the pairs of an atom.
    case pairDifference = "pair difference"
    /// Rows of a table by an index.
    case gather = "gather"
    /// Sums of rows by an index.
    case segmentSum = "segment sum"
    /// Sums over all rows.
    case columnSum = "column sum"
    /// Products row by row, with broadcast and summation.
    case rowProduct = "row product"
    /// Sums, multiples, roots, reciprocals: one element after another.
    case elementWise = "element-wise"
    /// Softplus, SiLU and other parts of activation functions, and their derivatives.
    case activation = "activation"
    /// Radial functions and the cutoff.
    case basis = "basis"
    /// Lookups in tables of the distance, and their transposes.
    case table = "table"
    /// Rows copied, repeated, transposed.
    case copy = "copy"
    /// Matrices brought into the order that products read.
    case packing = "packing"
}
