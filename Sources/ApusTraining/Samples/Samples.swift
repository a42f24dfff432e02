import ApusChemistry
import ApusDatasets

/// Samples that are in memory, or made of the configurations of a data set when they are asked for.
public struct Samples: RandomAccessCollection, Sendable {
    private enum Storage: Sendable {
        case memory([Sample])
        case configurations(Configurations, selfEnergies: SelfEnergies, offset: Double)
    }

    private let storage: Storage
    /// Where the part ends before its storage does.
    private var limit = Int.max
    /// Energies of elements that are taken off beside those that the storage takes off.
    private var further: [Int: Double] = [:]

    /// Takes samples in memory.
    public init(_ samples: [Sample]) {
        storage = .memory(samples)
    }

    /// Takes configurations, from whose energies the self-energies and an offset are taken off.
    ///
    /// - Throws: an `ApusError` that names an element without self-energy.
    public init(_ configurations: Configurations, selfEnergies: SelfEnergies, offset: Double = 0) throws {
        for element in configurations.chemicalElements where selfEnergies.values[element.atomicNumber] == nil {
            // The first configuration with the element gives the message.
            for configuration in configurations where configuration.system.elements.contains(element) {
                _ = try Sample(configuration, selfEnergies: selfEnergies)
            }
        }
        storage = .configurations(configurations, selfEnergies: selfEnergies, offset: offset)
    }

    /// The first position, 0.
    public var startIndex: Int { 0 }

    /// The number of samples.
    public var endIndex: Int {
        switch storage {
        case .memory(let samples): Swift.min(limit, samples.count)
        case .configurations(let configurations, _, _): Swift.min(limit, configurations.count)
        }
    }

    /// The first samples alone.
    public func first(_ count: Int) -> Samples {
        var samples = self
        samples.limit = count
        return samples
    }

    /// The sample at a position, made anew where it comes from a file.
    public subscript(position: Int) -> Sample {
        switch storage {
        case .memory(let samples): return samples[position].removing(further)
        case .configurations(let configurations, let selfEnergies, let offset):
            let configuration = configurations[position]
            do {
                return try Sample(configuration, selfEnergies: selfEnergies, offset: offset).removing(further)
            } catch {
                // Elements without self-energy were refused when the samples were made, so the file has changed, which
                // `requireUnchanged` tells before the sample is used.
                return Sample(withoutLabels: configuration)
            }
        }
    }

    /// The same samples with further energies taken off for every atom of an element, by atomic number.
    public func removing(_ energies: [Int: Double]) -> Samples {
        var samples = self
        samples.further.merge(energies, uniquingKeysWith: +)
        return samples
    }

    /// The number of atoms of a sample.
    func atomCount(_ position: Int) -> Int {
        switch storage {
        case .memory(let samples): samples[position].system.count
        case .configurations(let configurations, _, _): configurations.atomCount(position)
        }
    }

    /// Calls a function with every atomic number of a sample.
    func forEachAtomicNumber(_ position: Int, _ body: (Int) -> Void) {
        switch storage {
        case .memory(let samples): samples[position].system.numbers.forEach(body)
        case .configurations(let configurations, _, _): configurations.forEachAtomicNumber(position, body)
        }
    }

    /// Whether a sample has a label, as a function of its position.
    func hasLabel(_ property: Property) -> (Int) -> Bool {
        switch storage {
        case .memory(let samples): { samples[$0].labels[property] != nil }
        case .configurations(let configurations, _, _): configurations.hasLabel(property)
        }
    }

    /// Makes sure that what was read so far is what a mapped file had when it was opened; until then it may be anything.
    ///
    /// - Throws: an `ApusError` when the file was cut, written to or replaced since.
    public func requireUnchanged() throws {
        if case .configurations(let configurations, _, _) = storage { try configurations.requireUnchanged() }
    }

    /// Gives memory back that is read again when it is needed.
    public func releasePages() {
        if case .configurations(let configurations, _, _) = storage { configurations.releasePages() }
    }
}
