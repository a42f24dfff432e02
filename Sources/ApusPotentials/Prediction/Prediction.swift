import ApusChemistry

/// What a model says about a system, in the units of the model.
public struct Prediction: Sendable, Equatable {
    /// The total energy, self-energies included.
    public var energy: Double
    /// The force on each atom, −∂E/∂r.
    public var forces: [SIMD3<Double>]
    /// Everything else that was asked for, atom by atom and row by row.
    public var further: [Property: [Double]] = [:]

    /// The stress σ = (1/V) ∂E/∂ε, row by row, positive under tension; nil for a system without a volume.
    public var stress: [Double]? { further[.stress] }
    /// The virial W = −V σ, row by row; nil for a system without a volume.
    public var virial: [Double]? { further[.virial] }

    /// All of it as labels.
    public var labels: [Property: [Double]] {
        further.merging([.energy: [energy], .forces: forces.flatMap { [$0.x, $0.y, $0.z] }]) { $1 }
    }
}

extension Prediction {
    /// Takes a system out of a batch, with the self-energies that the network does not know.
    init(_ batch: Batch, _ k: Int, of properties: [Property], by model: EnergyModel) {
        let system = batch.systems[k]
        energy = batch[.energy, k].first! + model.baseEnergy(of: system)
        forces = vectors(batch[.forces, k])
        for property in properties { further[property] = Array(batch[property, k]) }
        if let energies = further[.atomicEnergies] {
            further[.atomicEnergies] = zip(energies, system.numbers).map { $0 + model.selfEnergies[$1]! }
        }
    }
}

/// Vectors of numbers that stand row by row.
func vectors(_ numbers: some RandomAccessCollection<Double>) -> [SIMD3<Double>] {
    let numbers = Array(numbers)
    return stride(from: 0, to: numbers.count, by: 3).map { SIMD3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2]) }
}
