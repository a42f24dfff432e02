import ApusCPU
import ApusGraph

/// SchNet: continuous-filter convolutions (Schütt et al. 2018, doi 10.1063/1.5019779).
///
/// Atoms start as x_i = a(Z_i) and are refined T times:
///
///     W_ij = (dense(act dense(φ(d_ij)))) f_c(d_ij)
///     x_i ← x_i + dense(act dense(Σ_j (x_j W_in) ⊙ W_ij))
///
/// with Gaussians φ, cosine cutoff f_c and the shifted softplus as activation.
public struct SchNet: Potential {
    /// The name in configurations and model files.
    public static let name = "SchNet"
    /// The paper.
    public static let reference = "doi 10.1063/1.5019779"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<SchNet>] = [
        .cutoff(\.cutoff),
        .radialBasis(\.radialBasis, within: \.cutoff),
        .interactions(\.interactions),
        .integer(
            "filters", \.filters, 1...4096, key: "number_of_filters", sameAs: HyperparameterKey.features,
            "Number of filters of each interaction."),
        .flag(
            "sharedInteractions", \.sharedInteractions, key: "shared_interactions",
            "Whether all interactions use the same weights."),
        .activation(\.activation),
        .embeddingRows(\.embeddingRows),
        .features(\.features),
    ]

    /// Features of an atom, F.
    public var features = 128
    /// Features of a filter.
    public var filters = 128
    /// Interactions T.
    public var interactions = 3
    /// Whether all interactions use the same parameters.
    public var sharedInteractions = false
    /// The non-linearity of filters and atoms.
    public var activation = Activation.shiftedSoftplus
    /// The cutoff radius, in the length unit of the model.
    public var cutoff = 5.0
    /// The Gaussians φ.
    public var radialBasis = RadialBasis.evenlySpaced(20, cutoff: 5)
    /// Rows of the embedding.
    public var embeddingRows = 101

    /// The usual network.
    public init() {}

    /// The usual network with a cutoff.
    public init(cutoff: Double, radialFunctions: Int = 20) {
        self.cutoff = cutoff
        radialBasis = .evenlySpaced(radialFunctions, cutoff: cutoff)
    }

    /// Filters are networks of the distance alone. Tables interpolate smooth functions; filters with bends are computed.
    public var tabulation: Tabulation? {
        activation.continuousDerivatives == nil ? Tabulation(radialBasis, cutoff: cutoff) : nil
    }

    private struct Interaction {
        let inward: Linear
        let filter: [Linear]
        let outward: [Linear]
    }

    /// x_i after T interactions.
    public func output(of geometry: Geometry, _ layers: Layers) -> PotentialOutput {
        var x = layers.atomFeatures(rows: embeddingRows, features: features)
        let blocks = (0..<(sharedInteractions ? 1 : interactions)).map { interaction($0, layers) }
        for t in 0..<interactions {
            let block = blocks[sharedInteractions ? 0 : t]
            let w = geometry.radial { distance in
                block.filter[1](activation(block.filter[0](radialBasis(distance))))
                    * cosineCutoff(distance, radius: cutoff)
            }
            let message = pairConvolution(block.inward(x), filter: w)
            x = x + block.outward[1](activation(block.outward[0](message)))
        }
        return PotentialOutput(features: x)
    }

    private func interaction(_ t: Int, _ layers: Layers) -> Interaction {
        layers.group("interactions.\(t)") {
            Interaction(
                inward: layers.linear("inward", features, filters, bias: false),
                filter: [
                    layers.linear("filter.0", radialBasis.count, filters), layers.linear("filter.1", filters, filters),
                ],
                outward: [
                    layers.linear("outward.0", filters, features), layers.linear("outward.1", features, features),
                ])
        }
    }
}
