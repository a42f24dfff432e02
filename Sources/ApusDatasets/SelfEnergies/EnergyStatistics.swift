import ApusChemistry
import ApusFiles

/// An energy of a set of configurations that is taken off every one of them (`shift_energies`).
public enum EnergyShift: String, Sendable, CaseIterable {
    /// The smallest of E − Σᵢ E_Z(i).
    case minimum = "min"
    /// The largest.
    case maximum = "max"
    /// The mean, of systems rather than of atoms.
    case mean
}

/// What a network is asked to learn, in numbers: offset, mean and spread of the energies, and the size of the forces.
///
/// A network learns E' = E − Σᵢ E_Z(i) − C with the self-energies E_Z and the offset C, so mean and standard deviation are
/// those of E'. Units are those of the configurations.
public struct EnergyStatistics: Sendable, Equatable {
    /// C, the energy of the chosen shift among all E − Σᵢ E_Z(i); 0 without one.
    public let offset: Double
    /// The mean of E'/N over configurations of N atoms.
    public let perAtomMean: Double
    /// The standard deviation of E'/N over configurations (divided by their number, not one less);
    /// zero for a single configuration.
    public let perAtomStandardDeviation: Double
    /// The root mean square of the force components; nil when no configuration has forces.
    public let forceRootMeanSquare: Double?
    /// The largest force, with the position of its configuration and its atom, from 0; nil when there are none.
    public let largestForce: LargestForce?
    /// The largest minus the smallest total energy.
    ///
    /// Removing self-energies changes it as soon as compositions differ.
    public let spreadOfTotals: Double
    /// The largest minus the smallest energy without self-energies.
    public let spread: Double

    /// Computes the statistics of configurations, usually the training part of a data set.
    ///
    /// Configurations without energy count for the forces alone, atoms that are held fixed for nothing.
    ///
    /// - Parameters:
    ///   - configurations: The configurations.
    ///   - selfEnergies: E_Z; nil for zeros.
    ///   - shift: What C is; nil for 0.
    /// - Throws: `ApusError` when there is no configuration or one with an element
    ///   that has no self-energy.
    public init(_ configurations: Configurations, removing selfEnergies: SelfEnergies?, shift: EnergyShift? = nil)
        throws
    {
        guard !configurations.isEmpty else {
            throw ApusError(.data, problem: "there is no configuration to take statistics of")
        }
        let positions = configurations.indices
        let labelled = positions.filter(configurations.hasLabel(.energy))
        let totals = try labelled.map { try configurations.requiredEnergy($0) }
        let energies =
            if let selfEnergies {
                try labelled.map { try selfEnergies.removed(from: configurations, $0) }
            } else { totals }
        let offset: Double =
            switch shift {
            case nil: 0
            case .minimum: energies.min() ?? 0
            case .maximum: energies.max() ?? 0
            case .mean: energies.reduce(0, +) / Double(max(energies.count, 1))
            }
        self.offset = offset
        let perAtom = zip(energies, labelled).map { ($0 - offset) / Double(configurations.atomCount($1)) }
        let mean = perAtom.reduce(0, +) / Double(max(perAtom.count, 1))
        perAtomMean = mean
        perAtomStandardDeviation =
            (perAtom.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(perAtom.count, 1))).squareRoot()
        spreadOfTotals = EnergyStatistics.spread(totals)
        spread = EnergyStatistics.spread(energies)

        var sum = 0.0
        var components = 0
        var largest: LargestForce?
        for position in positions {
            if position % 10_000 == 0 { configurations.releasePages() }
            guard let forces = configurations.label(.forces, position) else { continue }
            let mask = configurations.label(.forceMask, position)
            for atom in 0..<forces.count / 3 where mask?[atom] != 0 {
                let force = SIMD3(forces[3 * atom], forces[3 * atom + 1], forces[3 * atom + 2])
                sum += (force * force).sum()
                components += 3
                let size = (force * force).sum().squareRoot()
                if size > largest?.size ?? -1 { largest = LargestForce(size: size, position: position, atom: atom) }
            }
        }
        largestForce = largest
        forceRootMeanSquare = components > 0 ? (sum / Double(components)).squareRoot() : nil
    }

    /// Computes the statistics of configurations in memory.
    ///
    /// - Throws: as the other initialiser.
    public init(
        _ configurations: [Configuration], removing selfEnergies: SelfEnergies?, shift: EnergyShift? = nil
    ) throws {
        try self.init(Configurations(configurations), removing: selfEnergies, shift: shift)
    }

    /// A force and where it is.
    public struct LargestForce: Sendable, Equatable {
        /// Its size.
        public let size: Double
        /// The position of the configuration among those of the statistics.
        public let position: Int
        /// The atom.
        public let atom: Int
    }

    /// σ, the energy that an output of one of the network stands for, in the unit of the energies.
    ///
    /// Where forces are learned, the root mean square of their components times 1 Å: the size of what the network mainly has
    /// to explain, in the same way in every unit of length. Else the standard deviation of E'/N. 1 eV where that is zero.
    public func scale(learnsForces: Bool, in units: UnitSystem) throws(UnitError) -> Double {
        let size =
            learnsForces
            ? try (forceRootMeanSquare ?? 0) * Unit.angstrom.factor(to: units.length) : perAtomStandardDeviation
        return size > 0 ? size : try Unit.electronvolt.factor(to: units.energy)
    }

    private static func spread(_ values: [Double]) -> Double {
        (values.max() ?? 0) - (values.min() ?? 0)
    }
}
