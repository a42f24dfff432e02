import ApusChemistry
import ApusFiles
import ApusSystem

/// Configurations in one system of units.
public struct Dataset: Sendable {
    /// The configurations in the order of the file; there is at least one.
    public let configurations: Configurations
    /// The units of all numbers.
    public let units: UnitSystem
    /// The file as the user named it.
    public let path: String
    /// What was taken from the file.
    public let interpretation: Interpretation
    /// The self-energies that the file itself states; nil where it states none.
    public let selfEnergies: SelfEnergies?

    /// Joins configurations that are all in the same units.
    ///
    /// - Precondition: There is at least one configuration.
    public init(configurations: [Configuration], units: UnitSystem) {
        self.init(
            configurations: Configurations(configurations), units: units, path: "",
            interpretation: Interpretation(
                format: "memory", count: configurations.count, entries: [], unusedKeys: []))
    }

    init(
        configurations: Configurations, units: UnitSystem, path: String, interpretation: Interpretation,
        selfEnergies: SelfEnergies? = nil
    ) {
        ApusSystem.require(!configurations.isEmpty, "a data set needs a configuration")
        self.configurations = configurations.measured(in: units.length)
        self.units = units
        self.path = path
        self.interpretation = interpretation
        self.selfEnergies = selfEnergies
    }

    /// The number of configurations.
    public var count: Int { configurations.count }

    /// The elements that occur, ascending.
    public var elements: [Element] { configurations.chemicalElements }

    /// The configurations at some positions, such as one part of a ``Split``.
    public subscript(indices: [Int]) -> Configurations {
        configurations[indices]
    }

    /// The configurations that a selection keeps.
    ///
    /// - Throws: `ApusError` when nothing is left, or a label is missing that must not be.
    public func selected(by selection: Selection) throws -> Dataset {
        guard !selection.isEverything else { return self }
        let positions = try selection.positions(in: configurations, file: path)
        return Dataset(
            configurations: configurations[positions], units: units, path: path, interpretation: interpretation,
            selfEnergies: selfEnergies)
    }
}

extension Configurations {
    /// The elements that occur, ascending.
    public var chemicalElements: [ApusChemistry.Element] {
        var occurs = [Bool](repeating: false, count: ApusChemistry.Element.all.count + 1)
        for position in indices { forEachAtomicNumber(position) { occurs[$0] = true } }
        return ApusChemistry.Element.all.filter { occurs[$0.atomicNumber] }
    }
}
