import ApusChemistry
import ApusGraph
import ApusPotentials

/// Energies and partial charges of atoms, summed over layers, whose energies shall get smaller from layer to layer
/// (after PhysNet, Unke & Meuwly 2019, doi 10.1021/acs.jctc.9b00181).
///
///     x_i ← x_i + dense(silu Σ_j x_j ⊙ (dense φ(d_ij)) f_c(d_ij))       in layer t
///     ε_i = Σ_t ε_i^t,   q̃_i = Σ_t q_i^t,   l_i = Σ_{t > 1} (ε_i^t)²/((ε_i^t)² + (ε_i^{t−1})²)/(T − 1)
///
/// with ε^t and q^t linear in silu x. There are no features of atoms that heads could read: charges are the potential's own.
struct LayeredCharges: Potential {
    static let name = "LayeredCharges"
    static let reference = "after doi 10.1021/acs.jctc.9b00181"
    static let hyperparameters: [Hyperparameter<LayeredCharges>] = [
        .cutoff(\.cutoff),
        .radialBasis(\.radialBasis, within: \.cutoff),
        .interactions(\.interactions),
        .real(
            "hierarchy", \.hierarchy, .nonNegative, key: "nonhierarchicality_weight",
            "Weight in the loss of energies that grow from layer to layer."),
        .embeddingRows(\.embeddingRows),
        .features(\.features),
    ]

    var cutoff = 5.0
    var radialBasis = RadialBasis.evenlySpaced(16, cutoff: 5)
    var interactions = 2
    var hierarchy = 0.01
    var embeddingRows = 101
    var features = 16

    var givesFeatures: Bool { false }
    var properties: [Property] { propertiesOfCharges }
    var inputs: [SystemInput] { inputsOfCharges }

    func output(of geometry: Geometry, _ layers: Layers) -> PotentialOutput {
        let phi = radialBasis(geometry.distances)
        let ends = cosineCutoff(geometry.distances, radius: cutoff)
        var x = layers.embedding("embedding", rows: embeddingRows, features: features)
        var outputs: [(energy: Tensor, charge: Tensor)] = []
        for t in 0..<interactions {
            layers.group("layers.\(t)") {
                let filter = layers.linear("filter", radialBasis.count, features)(phi) * ends
                x = x + layers.linear("message", features, features)(silu(pairConvolution(x, filter: filter)))
                let h = silu(x)
                outputs.append(
                    (layers.linear("energy", features, 1)(h), layers.linear("charge", features, 1)(h)))
            }
        }
        let charges = sum(outputs.map(\.charge))
        let further = ApusPotentials.properties(ofCharges: conserved(charges), before: charges)
        return PotentialOutput(
            energies: sum(outputs.map(\.energy)), further: further, auxiliaryLosses: hierarchy(outputs.map(\.energy)))
    }

    private func hierarchy(_ energies: [Tensor]) -> [AuxiliaryLoss] {
        guard hierarchy > 0, energies.count > 1 else { return [] }
        let squares = energies.map { $0 * $0 }
        let ratios = zip(squares.dropFirst(), squares).map { $0 * reciprocal($0 + $1 + 1e-7) }
        let mean = 1 / Double(ratios.count) * sum(ratios)
        return [AuxiliaryLoss("nonhierarchicality", mean, weight: hierarchy)]
    }
}

private func sum(_ tensors: [Tensor]) -> Tensor { tensors.dropFirst().reduce(tensors[0]) { $0 + $1 } }
