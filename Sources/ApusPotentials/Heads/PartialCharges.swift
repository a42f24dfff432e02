import ApusChemistry
import ApusGraph

// What follows from partial charges, for heads and for potentials that predict charges themselves.

/// What ``properties(ofCharges:before:dipoles:)`` gives.
public let propertiesOfCharges: [Property] = [.charges, .totalCharge, .dipole, .quadrupole]

/// What charges that are conserved and their moments need of systems.
public let inputsOfCharges: [SystemInput] = [.totalCharges, .centeredPositions, .quadrupoleTensors]

/// Charges that sum to the total charge Q of their system: every atom gets the same part of what is missing.
///
///     q_i = q̃_i + (Q − Σ_j q̃_j)/N
///
/// - Parameter charges: q̃, `atoms`, `[1]`, in e.
public func conserved(_ charges: Tensor) -> Tensor {
    let graph = charges.graph
    let ones = broadcast(graph.constant([1], shape: .scalar), over: .atoms)
    let count = segmentSum(ones, by: .systemOfAtom, into: .systems)
    let sum = segmentSum(charges, by: .systemOfAtom, into: .systems)
    return charges + gather((graph.input(.totalCharges) - sum) * reciprocal(count), by: .systemOfAtom)
}

/// Partial charges with the moments that they make from the centre of mass.
///
///     Q̂ = Σ_i q̃_i,   p = Σ_i q_i r_i  [+ μ_i],   Θ = Σ_i q_i (3 r_i r_iᵀ − r_i² 1)
///
/// - Parameters:
///   - charges: q, `atoms`, `[1]`, in e.
///   - raw: q̃, the charges before conservation, whose sum is what is learned of the total charge; q unless given.
///   - dipoles: μ, dipole moments of the atoms, `atoms`, `[3, 1]`, which no quadrupole moment contains.
public func properties(ofCharges charges: Tensor, before raw: Tensor? = nil, dipoles: Tensor? = nil)
    -> [Property: Tensor]
{
    let graph = charges.graph
    let moments = charges * graph.input(.centeredPositions)
    func sum(_ values: Tensor, _ name: String) -> Tensor {
        segmentSum(values, by: .systemOfAtom, into: .systems).named(name)
    }
    return [
        .charges: charges.named("charges"), .totalCharge: sum(raw ?? charges, "total charges"),
        .dipole: sum(dipoles.map { moments + $0 } ?? moments, "dipole moments"),
        .quadrupole: sum(charges * graph.input(.quadrupoleTensors), "quadrupole moments"),
    ]
}
