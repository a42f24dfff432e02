import ApusChemistry

extension ForceConsistency {
    /// Quantities that were read in another unit than they are in.
    public struct UnitMistake: Sendable, Equatable, CustomStringConvertible {
        /// The quantity, its unit, and the unit in which it was read.
        struct Part: Sendable, Equatable {
            let dimension: Dimension
            let unit: Unit
            let assumed: Unit
        }

        let parts: [Part]

        /// `energies in Ha read as eV and forces in Ha/bohr read as eV/Å`.
        public var description: String {
            parts.map { part in
                let quantity: String =
                    switch part.dimension {
                    case .energy: "energies"
                    case .length: "lengths"
                    default: "forces"
                    }
                return "\(quantity) in \(part.unit.symbol) read as \(part.assumed.symbol)"
            }.joined(separator: " and ")
        }

        /// The options or keys that state the units.
        func remedy(_ names: SettingNames) -> String {
            parts.map { part in
                names.areOptions
                    ? "\(names.unit(part.dimension)) \(part.unit.symbol)"
                    : "\(names.unit(part.dimension)) = \"\(part.unit.symbol)\""
            }.joined(separator: names.areOptions ? " " : ", ")
        }
    }

    /// The mistakes about units that explain ΔE / W = `factor` within the noise.
    ///
    /// Simple mistakes go first: forces in another unit than is assumed, then energies, then lengths; then energies and
    /// forces that are both in the units of a system in use. What the file itself states is taken as right.
    ///
    /// - Parameter noise: The largest relative difference.
    static func explanations(of factor: Double, within noise: Double, _ dataset: Dataset) -> [UnitMistake] {
        let energies: [Unit] = [.electronvolt, .hartree, .kilocaloriePerMole, .kilojoulePerMole]
        let lengths: [Unit] = [.angstrom, .bohr, .nanometer]
        /// A unit that is different from the one in which a property was read.
        func part(_ property: Property, _ unit: Unit) -> UnitMistake.Part? {
            let entry = dataset.interpretation[property]
            let assumed = entry?.unit ?? dataset.units.unit(of: property)
            if case .file = entry?.origin { return nil }
            return unit == assumed ? nil : .init(dimension: property.dimension, unit: unit, assumed: assumed)
        }
        let forces = energies.flatMap { energy in lengths.compactMap { part(.forces, energy / $0) } }
        let pairs: [(Unit, Unit)] = [
            (.electronvolt, .angstrom), (.hartree, .bohr), (.hartree, .angstrom), (.kilocaloriePerMole, .angstrom),
            (.kilojoulePerMole, .nanometer),
        ]
        let mistakes =
            forces.map { [$0] } + energies.compactMap { part(.energy, $0) }.map { [$0] }
            + lengths.compactMap { part(.positions, $0) }.map { [$0] }
            + pairs.compactMap { energy, length in
                guard let first = part(.energy, energy), let second = part(.forces, energy / length) else { return nil }
                return [first, second]
            }
        return mistakes.compactMap { parts in
            let ratio = parts.reduce(1.0) { ratio, part in
                guard let scale = try? part.unit.factor(to: part.assumed) else { return .nan }
                return part.dimension == .energy ? ratio / scale : ratio * scale
            }
            return abs(factor / ratio - 1) <= noise ? UnitMistake(parts: parts) : nil
        }
    }
}
