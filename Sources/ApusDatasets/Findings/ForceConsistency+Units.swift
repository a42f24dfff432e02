import ApusChemistry

extension ForceConsistency {
    /// The one mistake about units that explains ΔE / W = `factor` within the noise; nil when none does.
    ///
    /// Simple mistakes go first: forces in another unit than is believed, then energies, then lengths.
    ///
    /// - Parameter noise: The largest relative difference.
    static func explanation(of factor: Double, within noise: Double, _ dataset: Dataset) -> String? {
        let energies: [Unit] = [.electronvolt, .hartree, .kilocaloriePerMole, .kilojoulePerMole]
        let lengths: [Unit] = [.angstrom, .bohr, .nanometer]
        func believed(_ property: Property) -> Unit {
            dataset.interpretation[property]?.unit ?? dataset.units.unit(of: property)
        }
        let (force, energy, length) = (believed(.forces), believed(.energy), believed(.positions))
        var mistakes: [(factor: Double, text: String)] = []
        for unit in energies.flatMap({ energy in lengths.map { energy / $0 } }) where unit != force {
            guard let factor = try? unit.factor(to: force) else { continue }
            mistakes.append((factor, "forces in \(unit.symbol) read as \(force.symbol)"))
        }
        for unit in energies where unit != energy {
            guard let factor = try? energy.factor(to: unit) else { continue }
            mistakes.append((factor, "energies in \(unit.symbol) read as \(energy.symbol)"))
        }
        for unit in lengths where unit != length {
            guard let factor = try? unit.factor(to: length) else { continue }
            mistakes.append((factor, "lengths in \(unit.symbol) read as \(length.symbol)"))
        }
        return mistakes.first { abs(factor / $0.factor - 1) <= noise }?.text
    }
}
