import ApusCPU
import ApusGraph

/// PaiNN: polarizable atom interaction network (Schütt, Unke & Gastegger 2021, arXiv 2102.03150).
///
/// Atoms carry scalars s `[F]` and vectors v `[3, F]`, s_i = a(Z_i) and v_i = 0 at first. Each of T interactions is a
/// message over pairs, with filters W = (φ(d) W_φ + b) f_c(d) and φ_k = dense_k(act dense(s)) for k = s, v, r,
///
///     s_i ← s_i + Σ_j φ_s(s_j) ⊙ W_s
///     v_i ← v_i + Σ_j φ_r(s_j) ⊙ W_r ⊗ r̂_ij + Σ_j φ_v(s_j) ⊙ W_v ⊙ v_j        (eq. 7 and 8)
///
/// and an update of each atom with U = v W_U, V = v W_V, n = √(Σ_c V² + ε), a_k = dense_k(act dense([s, n])),
///
///     s_i ← s_i + a_ss + a_sv ⊙ Σ_c U V,   v_i ← v_i + a_vv ⊙ U                 (eq. 9 and 10)
///
/// Layers that the paper writes as one matrix with three blocks of outputs are three matrices here. Filters are linear
/// in φ(d) f_c(d), so the cutoff multiplies the few radial functions rather than the many filters.
public struct PaiNN: Potential {
    /// The name in configurations and model files.
    public static let name = "PaiNN"
    /// The paper.
    public static let reference = "arXiv 2102.03150"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<PaiNN>] = [
        .cutoff(\.cutoff),
        .radialBasis(\.radialBasis, within: \.cutoff),
        .interactions(\.interactions),
        .flag(
            "sharedInteractions", \.sharedInteractions, key: "shared_interactions",
            "Whether the messages of all interactions have the same weights."),
        .flag(
            "sharedFilters", \.sharedFilters, key: "shared_filters", "Whether all interactions use the same filters."),
        .activation(\.activation),
        .embeddingRows(\.embeddingRows),
        .features(\.features),
        .real("epsilon", \.epsilon, NumberRule("positive") { $0 > 0 && $0.isFinite }, key: nil, "ε of the norm."),
    ]

    /// Features of an atom, F.
    public var features = 128
    /// Interactions T.
    public var interactions = 3
    /// Whether all interactions use the same message parameters.
    public var sharedInteractions = false
    /// Whether all interactions use the same filters.
    public var sharedFilters = false
    /// The non-linearity of messages and updates.
    public var activation = Activation.silu
    /// The cutoff radius, in the length unit of the model.
    public var cutoff = 5.0
    /// The Gaussians φ.
    public var radialBasis = RadialBasis.evenlySpaced(20, cutoff: 5)
    /// Rows of the embedding.
    public var embeddingRows = 101
    /// ε keeps the norm differentiable where a vector is zero.
    public var epsilon = 1e-8

    /// The usual network.
    public init() {}

    /// The usual network with a cutoff.
    public init(cutoff: Double, radialFunctions: Int = 20) {
        self.cutoff = cutoff
        radialBasis = .evenlySpaced(radialFunctions, cutoff: cutoff)
    }

    /// s_i after T interactions.
    public func output(of geometry: Geometry, _ layers: Layers) -> PotentialOutput {
        // A table would not pay: its lookup costs as much as the product with so few radial functions.
        let envelope = cosineCutoff(geometry.distances, radius: cutoff)
        let basis = radialBasis(geometry.distances, withConstant: true) * envelope
        var s = layers.atomFeatures(rows: embeddingRows, features: features)
        var v: Tensor?
        // Vectors are zero in the first interaction, so its messages of vectors need no parameters of their own.
        let messages = (0..<(sharedInteractions ? 1 : interactions)).map {
            message($0, layers, withVectors: interactions > 1 && ($0 > 0 || sharedInteractions))
        }
        let filters = (0..<(sharedFilters ? 1 : interactions)).map {
            filter($0, layers, withVectors: interactions > 1 && ($0 > 0 || sharedFilters))
        }
        for t in 0..<interactions {
            let message = messages[sharedInteractions ? 0 : t]
            let filter = filters[sharedFilters ? 0 : t]
            let hidden = activation(message.hidden(s))

            let scalars = pairConvolution(message.scalars(hidden), filter: filter.scalars(basis))
            var vectors = vectorConvolution(
                message.directions(hidden), filter: filter.directions(basis), direction: geometry.directions)
            if let v, let gate = message.vectors, let carrier = filter.vectors {
                vectors = v + vectors + pairConvolution(v * gate(hidden), filter: carrier(basis))
            }
            (s, v) = update(t, s + scalars, vectors, layers)
        }
        return PotentialOutput(features: s)
    }

    /// Mixes the features of an atom (eq. 9 and 10). Nobody reads the vectors after the last interaction.
    private func update(_ t: Int, _ s: Tensor, _ v: Tensor, _ layers: Layers) -> (Tensor, Tensor?) {
        layers.group("updates.\(t)") {
            let u = layers.linear("u", features, features, bias: false)(v)
            let w = layers.linear("v", features, features, bias: false)(v)
            let shape = Shape(features: features)
            let norm = squareRoot(contract(w, w, to: shape) + epsilon)
            // The matrix of [s, n] is split in two, so that nothing has to be concatenated.
            let hidden = activation(
                layers.linear("hidden.s", features, features)(s)
                    + layers.linear("hidden.n", features, features, bias: false)(norm))
            let ss = layers.linear("ss", features, features)(hidden)
            let sv = layers.linear("sv", features, features)(hidden)
            let mixed = s + (ss + sv * contract(u, w, to: shape))
            if t == interactions - 1 { return (mixed, nil) }
            return (mixed, v + u * layers.linear("vv", features, features)(hidden))
        }
    }

    private struct Message {
        let hidden: Linear
        let scalars: Linear
        let directions: Linear
        let vectors: Linear?
    }

    private func message(_ t: Int, _ layers: Layers, withVectors: Bool) -> Message {
        layers.group("messages.\(t)") {
            Message(
                hidden: layers.linear("hidden", features, features), scalars: layers.linear("s", features, features),
                directions: layers.linear("r", features, features),
                vectors: withVectors ? layers.linear("v", features, features) : nil)
        }
    }

    /// Filters for scalars, vectors and directions.
    private struct Filter {
        let scalars: FilterLayer
        let directions: FilterLayer
        let vectors: FilterLayer?
    }

    private func filter(_ t: Int, _ layers: Layers, withVectors: Bool) -> Filter {
        layers.group("filters.\(t)") {
            let layer = { FilterLayer(layers.linear($0, radialBasis.count, features)) }
            return Filter(scalars: layer("s"), directions: layer("r"), vectors: withVectors ? layer("v") : nil)
        }
    }

    /// [φ f_c, f_c] times the weights with the bias as last row.
    private struct FilterLayer {
        let matrix: Tensor
        init(_ linear: Linear) { matrix = stack(linear.weight, linear.bias!) }
        func callAsFunction(_ basis: Tensor) -> Tensor { matmul(basis, matrix) }
    }
}
