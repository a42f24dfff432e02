import ApusChemistry
import ApusFiles

extension SelfEnergies {
    /// The energies of configurations of a single atom. Where an element has several, neutral atoms go first, then the
    /// lowest energy.
    ///
    /// - Throws: `ApusError` that names an element without such a configuration.
    public static func isolatedAtoms(
        in configurations: Configurations, for elements: [Element], unit: Unit
    ) throws -> SelfEnergies {
        var values: [Int: Double] = [:]
        let atoms = configurations.indices.filter {
            configurations.isSingleAtom($0) && configurations.hasLabel(.energy, $0)
        }.map { configurations[$0] }
        for element in elements {
            let candidates = atoms.filter { $0.system.numbers == [element.atomicNumber] }
            let best = candidates.min {
                (abs($0.system.charge), $0.energy!) < (abs($1.system.charge), $1.energy!)
            }
            guard let best else {
                throw ApusError(
                    .data, file: configurations.first?.place.file,
                    problem: "there is no configuration of a single \(element) atom with an energy",
                    remedy: "add one, or set dataset.self_energy_source to \"regression\"")
            }
            values[element.atomicNumber] = best.energy!
        }
        return SelfEnergies(values, unit: unit)
    }

    /// The energies of some elements.
    public func restricted(to elements: [Element]) -> SelfEnergies {
        let numbers = Set(elements.map(\.atomicNumber))
        return SelfEnergies(values.filter { numbers.contains($0.key) }, unit: unit)
    }

    /// Makes sure that there is an energy for every element.
    ///
    /// - Throws: `ApusError` of kind `configuration` that names the first element without.
    public func require(_ elements: [Element], place: String) throws {
        guard let missing = elements.first(where: { values[$0.atomicNumber] == nil }) else { return }
        throw ApusError(
            .configuration, place: place,
            problem: "there is no self-energy for \(missing), only for "
                + self.elements.map(\.symbol).joined(separator: ", "),
            remedy: "add it, or set dataset.self_energy_source to \"regression\"")
    }

    /// Takes the energies of single atoms among configurations in memory.
    ///
    /// - Throws: as ``isolatedAtoms(in:for:unit:)``.
    public static func isolatedAtoms(
        in configurations: [Configuration], for elements: [Element], unit: Unit
    ) throws -> SelfEnergies {
        try isolatedAtoms(in: Configurations(configurations), for: elements, unit: unit)
    }
}
