import ApusChemistry
import ApusFiles
import ApusSystem

/// An energy E_Z for every element, whose sum over the atoms is the part of a total energy that a potential need not
/// learn.
///
/// Total energies are some −10⁵ kJ/mol per atom and differences between geometries some kJ/mol, so all of this is
/// done in float64: E − Σᵢ E_Z(i), and only the difference is ever rounded to float32.
public struct SelfEnergies: Sendable, Equatable {
    /// The energy of each element by its atomic number.
    public let values: [Int: Double]
    /// The unit of the energies.
    public let unit: Unit

    /// States the energies.
    ///
    /// - Precondition: The unit is one of energy, and the values are finite.
    public init(_ values: [Int: Double], unit: Unit) {
        ApusSystem.require(unit.dimension == .energy, "self-energies are energies, not \(unit)")
        ApusSystem.require(values.values.allSatisfy(\.isFinite), "self-energies must be finite")
        self.values = values
        self.unit = unit
    }

    /// The elements that have an energy, ascending.
    public var elements: [Element] {
        Element.all.filter { values[$0.atomicNumber] != nil }
    }

    /// The sum Σᵢ E_Z(i) over the atoms, independent of their order to the last bit.
    ///
    /// - Throws: `ApusError` that names an element without energy and the atom.
    public func total(of system: AtomicSystem, place: Configuration.Place = Configuration.Place()) throws -> Double {
        var counts = [Int](repeating: 0, count: Element.all.count + 1)
        for number in system.numbers { counts[number] += 1 }
        var total = 0.0
        for (number, count) in counts.enumerated() where count > 0 {
            guard let value = values[number] else {
                let element = Element.all[number - 1]
                throw place.error(
                    "there is no self-energy for the element \(element) of atom "
                        + "\(system.numbers.firstIndex(of: number) ?? 0) (counted from 0), only for "
                        + elements.map(\.symbol).joined(separator: ", "),
                    remedy: "remove the configuration, or train on configurations with \(element)")
            }
            total += Double(count) * value
        }
        return total
    }

    /// The energy of a configuration without the self-energies of its atoms, E − Σᵢ E_Z(i).
    ///
    /// - Throws: `ApusError` when the configuration has no energy, or an element without self-energy.
    public func removed(from configuration: Configuration) throws -> Double {
        try configuration.requiredEnergy() - total(of: configuration.system, place: configuration.place)
    }

    /// The same for one of many configurations, of which no more than composition and energy is looked at.
    ///
    /// - Throws: as ``removed(from:)``.
    public func removed(from configurations: Configurations, _ position: Int) throws -> Double {
        var counts = [Int](repeating: 0, count: Element.all.count + 1)
        configurations.forEachAtomicNumber(position) { counts[$0] += 1 }
        var total = 0.0
        for (number, count) in counts.enumerated() where count > 0 {
            guard let value = values[number] else { return try removed(from: configurations[position]) }
            total += Double(count) * value
        }
        return try configurations.requiredEnergy(position) - total
    }

    /// The same energies in another unit.
    ///
    /// - Throws: `UnitError` when it is no unit of energy.
    public func converted(to other: Unit) throws(UnitError) -> SelfEnergies {
        let factor = try unit.factor(to: other)
        return SelfEnergies(values.mapValues { $0 * factor }, unit: other)
    }
}

extension Configuration {
    /// The energy, which must be there.
    func requiredEnergy() throws -> Double {
        guard let energy else {
            throw place.error("the energy is missing", remedy: "complete or remove the frame")
        }
        return energy
    }
}

extension Configurations {
    /// The energy at a position, which must be there.
    func requiredEnergy(_ position: Int) throws -> Double {
        guard let energy = energy(position) else { return try self[position].requiredEnergy() }
        return energy
    }
}
