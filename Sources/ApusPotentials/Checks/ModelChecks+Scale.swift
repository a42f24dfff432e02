import ApusChemistry

/// The size of a predicted energy and of predicted forces, by which errors of the arithmetic are judged.
///
/// The size of an energy is what the network adds to the self-energies, since a millionth of the total would hide
/// errors. It may be zero by chance, so σ is added for every atom; to the largest component of a force, σ per cutoff.
struct PredictionScale {
    let energy: Double
    let force: Double

    init(_ model: EnergyModel, _ system: AtomicSystem, _ prediction: Prediction) {
        let sigma = abs(model.scale)
        energy = abs(prediction.energy - model.baseEnergy(of: system)) + sigma * Double(system.count)
        force = prediction.forces.largestComponent + sigma / model.cutoff
    }
}

extension Collection<SIMD3<Double>> {
    /// The largest absolute value of all components; zero for no vectors, not a number where one component is none.
    var largestComponent: Double {
        reduce(0) { largest, vector in
            let components = [vector.x, vector.y, vector.z].map(abs)
            return components.contains(where: \.isNaN) ? .nan : Swift.max(largest, components.max()!)
        }
    }
}
