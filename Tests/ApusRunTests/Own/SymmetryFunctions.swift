import ApusGraph
import ApusPotentials

/// Radial symmetry functions, weighted by elements, and one hidden layer (after Behler & Parrinello 2007,
/// doi 10.1103/PhysRevLett.98.146401).
///
///     G_ik = Σ_j w_k(Z_j) φ_k(d_ij) f_c(d_ij)
///     ε_i = dense(tanh(dense(G_i) + a(Z_i)))
///
/// with Gaussians φ, the cosine cutoff f_c, and learned rows w and a for each element. The mean of Σ_k G_ik² can be held small.
struct SymmetryFunctions: Potential {
    static let name = "SymmetryFunctions"
    static let reference = "doi 10.1103/PhysRevLett.98.146401"
    static let hyperparameters: [Hyperparameter<SymmetryFunctions>] = [
        .cutoff(\.cutoff),
        .radialBasis(\.radialBasis, within: \.cutoff),
        .integer("hidden", \.hidden, 1...4096, key: "number_of_hidden_features", "Features of the hidden layer."),
        .real(
            "sparsity", \.sparsity, .nonNegative, key: "sparsity_weight",
            "Weight in the loss of the squares of the symmetry functions."),
        .embeddingRows(\.embeddingRows),
    ]

    var cutoff = 5.0
    var radialBasis = RadialBasis.evenlySpaced(16, cutoff: 5)
    var hidden = 32
    var sparsity = 0.0
    var embeddingRows = 101

    func output(of geometry: Geometry, _ layers: Layers) -> PotentialOutput {
        let weights = layers.embedding("weights", rows: embeddingRows, features: radialBasis.count)
        let phi = radialBasis(geometry.distances) * cosineCutoff(geometry.distances, radius: cutoff)
        let g = pairConvolution(weights, filter: phi)
        let own = layers.embedding("elements", rows: embeddingRows, features: hidden)
        let h = tanh(layers.linear("hidden", radialBasis.count, hidden)(g) + own)
        var output = PotentialOutput(features: h, energies: layers.linear("energy", hidden, 1)(h))
        if sparsity > 0 {
            output.auxiliaryLosses = [AuxiliaryLoss("sparsity", contract(g, g, to: .scalar), weight: sparsity)]
        }
        return output
    }
}
