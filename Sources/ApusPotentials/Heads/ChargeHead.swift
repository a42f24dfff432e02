import ApusCPU
import ApusChemistry
import ApusGraph

/// Partial charges of atoms, and the moments that they make.
///
///     q̃_i = dense(silu dense(x_i))
///     q_i = q̃_i                       without conservation
///     q_i = q̃_i + (Q − Σ_j q̃_j)/N     with uniform conservation (modelforge's `default`)
///     p = Σ_i q_i r_i  [+ μ_i],   Θ = Σ_i q_i (3 r_i r_iᵀ − r_i² 1)
///
/// Positions r_i are those from the centre of mass, so moments of charged systems have it as their origin. The total
/// charge is that of the charges before conservation, Σ q̃, since it is Q by construction afterwards.
///
/// Partial charges as quantum chemistry defines them do not in general reproduce its dipole moment. Atomic dipoles close
/// the gap,
///
///     μ_i = λ Σ_f g_f(x_i) Σ_j h_f(x_j) w_f(d_ij) r_ij/d_ij
///
/// with linear g and h, and filters w linear in radial functions (Schütt, Unke & Gastegger 2021, arXiv 2102.03150, add
/// atomic dipoles in eq. 11).
public struct ChargeHead: Head {
    /// The name in configurations and model files.
    public static let name = "per_atom_charge"

    /// How the charges are made to sum to the total charge.
    public enum Conservation: String, Codable, CaseIterable, Sendable {
        /// They are not.
        case none
        /// Every atom gets the same part of what is missing.
        case uniform
    }

    /// How the charges are made to sum to the total charge.
    public var conservation = Conservation.uniform
    /// Whether atoms have dipole moments of their own.
    public var atomicDipoles = false
    /// λ, in the length unit of the model: an atomic dipole is e λ times what the network says. 1 Å makes a network the same in
    /// all units of length; nil stands for one unit of
    /// length.
    public var dipoleScale: Double?

    /// Charges that are conserved, without atomic dipoles.
    public init() {}

    /// A head for charges.
    public init(conservation: Conservation = .uniform, atomicDipoles: Bool = false) {
        self.conservation = conservation
        self.atomicDipoles = atomicDipoles
    }

    /// Quadrupole moments are those of charges alone, so there are none beside atomic dipoles.
    public var properties: [Property] {
        propertiesOfCharges.filter { $0 != .quadrupole || !atomicDipoles }
    }

    /// The total charge, and positions and tensors for the moments.
    public var inputs: [SystemInput] {
        inputsOfCharges.filter { $0 != .quadrupoleTensors || !atomicDipoles }
    }

    /// q, Σ q̃, p and Θ.
    public func outputs(of atoms: AtomFeatures, _ layers: Layers) -> [Property: Tensor] {
        let raw = layers.readout(atoms.values, atoms.count)
        let charges = conservation == .uniform ? conserved(raw) : raw
        var outputs = ApusPotentials.properties(
            ofCharges: charges, before: raw, dipoles: atomicDipoles ? dipoles(of: atoms, layers) : nil)
        if atomicDipoles { outputs[.quadrupole] = nil }
        return outputs
    }

    /// μ, `atoms`, `[3, 1]`.
    private func dipoles(of atoms: AtomFeatures, _ layers: Layers) -> Tensor {
        let radial = RadialBasis.evenlySpaced(20, cutoff: atoms.cutoff)
        let basis =
            radial(atoms.geometry.distances) * cosineCutoff(atoms.geometry.distances, radius: atoms.cutoff)
        let half = max(atoms.count / 2, 1)
        return layers.group("dipoles") {
            let filter = layers.linear("filter", radial.count, half, bias: false)(basis)
            let neighbors = layers.linear("neighbors", atoms.count, half)(atoms.values)
            let gates = layers.linear("gates", atoms.count, half)(atoms.values)
            let vectors = vectorConvolution(neighbors, filter: filter, direction: atoms.geometry.directions)
            let moments = contract(vectors, gates, to: .vector)
            return dipoleScale.map { $0 * moments } ?? moments
        }
    }
}
