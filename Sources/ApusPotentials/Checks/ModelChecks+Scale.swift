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

    /// How much coordinates may be rounded, δ: by the ulp of the largest, four times over.
    ///
    /// They are turned, shifted or strained, and up to sixteen lattice vectors are added to them. Energies change by δ times
    /// forces; forces by δ times curvatures, for which the steepest radial functions, 1/20 cutoff wide, are a bound.
    static func rounding(_ system: AtomicSystem) -> Double {
        let vectors = system.cell?.vectors ?? []
        let largest = system.positions.largestComponent + 16 * vectors.largestComponent
        return largest.isFinite ? 4 * largest.ulp : 0
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
