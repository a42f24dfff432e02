import ApusChemistry
import ApusDatasets
import ApusFiles

/// A system with the numbers that a network is trained to reproduce, in the units of the model.
public struct Sample: Sendable {
    /// The atoms.
    public let system: AtomicSystem
    /// The reference values, the energy without self-energies; atom by atom and row by row.
    public private(set) var labels: [Property: [Double]]
    /// The name of the molecule.
    public let record: String
    /// Record and place in the data, for messages.
    public let name: String

    /// The energy without self-energies.
    public var energy: Double? { labels[.energy]?[0] }

    /// The same sample with further energies taken off for every atom of an element, by atomic number.
    func removing(_ energies: [Int: Double]) -> Sample {
        guard !energies.isEmpty, let energy else { return self }
        var sample = self
        sample.labels[.energy] = [system.numbers.reduce(energy) { $0 - (energies[$1] ?? 0) }]
        return sample
    }

    /// Takes the self-energies and an offset off the energy of a configuration, in float64.
    ///
    /// - Throws: an `ApusError` that names an element without self-energy.
    public init(_ configuration: Configuration, selfEnergies: SelfEnergies, offset: Double = 0) throws {
        system = configuration.system
        var labels = configuration.labels
        if configuration.energy != nil {
            labels[.energy] = [try selfEnergies.removed(from: configuration) - offset]
        }
        labels[.virial] = configuration[.virial]
        if let mask = labels[.forceMask] {
            // Forces of which none counts are none; a mask of which all count is none.
            if !mask.contains(1) { labels[.forces] = nil }
            if !mask.contains(1) || !mask.contains(0) { labels[.forceMask] = nil }
        }
        self.labels = labels
        (record, name) = (configuration.record, Self.name(configuration))
    }

    /// The pairs of the atoms.
    ///
    /// - Throws: an `ApusError` that names the sample whose atoms coincide or whose neighbours are too many.
    public func pairs(within cutoff: Double) throws -> NeighborPairs {
        do {
            return try NeighborPairs(system, cutoff: cutoff)
        } catch {
            throw ApusError(.data, place: name, problem: "\(error)")
        }
    }

    /// Takes the atoms alone.
    init(withoutLabels configuration: Configuration) {
        (system, labels) = (configuration.system, [:])
        (record, name) = (configuration.record, Self.name(configuration))
    }

    private static func name(_ configuration: Configuration) -> String {
        let file = configuration.place.file.map { "\($0), " } ?? ""
        return "\(configuration.record) (\(file)\(configuration.place))"
    }
}
