import ApusChemistry

/// What the user says about a data file beyond what stands in it.
public struct ReadingOptions: Sendable {
    /// The units into which everything is converted.
    public var units = UnitSystem.electronvoltAngstrom
    /// The unit of lengths in the file, where the file does not say.
    public var lengthUnit: Unit?
    /// The unit of energies in the file, where the file does not say.
    public var energyUnit: Unit?
    /// The unit of forces in the file, where the file does not say; otherwise energy / length.
    public var forceUnit: Unit?
    /// The key, column or array that holds a property, where it has not the usual name.
    public var assignment: [Property: String] = [:]

    /// The usual names, and units that the file states or its format prescribes.
    public init() {}
}
