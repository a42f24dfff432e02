import ApusChemistry

/// What the user says about a data file beyond what stands in it.
public struct ReadingOptions: Sendable {
    /// The units into which everything is converted.
    public var units = UnitSystem.electronvoltAngstrom
    /// The units of quantities in the file, where the file does not say. Those that are not named here follow from
    /// length, energy and charge.
    public var sourceUnits: [Dimension: Unit] = [:]
    /// The key, column or array that holds a property, where it has not the usual name.
    public var assignment: [Property: String] = [:]
    /// How messages name these options.
    public var names = SettingNames()
    /// Whether the file's forces are gradients +∂E/∂r, to be negated.
    public var forcesAreGradients = false
    /// Whether the file's stresses and virials have the opposite sign, stresses positive under compression, and are to be
    /// negated.
    public var stressesAreOpposite = false

    /// The version of a data set that a description of modelforge names; nil for the one that it calls the latest.
    public var version: String?

    /// Whether a label with a NaN stands for one that is not known; otherwise it is an error.
    public var marksMissingLabels = false

    /// The labels to look for; nil for all. Others are neither read nor judged.
    public var labels: Set<Property>?
    /// The labels that must fit where they stand. Others that do not are left out, with a line about it.
    public var needed: Set<Property> = [.energy, .forces, .totalCharge, .spinMultiplicity]

    /// The usual names, and units that the file states or its format prescribes.
    public init() {}

    /// The options that concern what becomes of the numbers, without those about the source.
    public var withoutSource: ReadingOptions {
        var options = ReadingOptions()
        options.units = units
        options.names = names
        return options
    }

    /// Whether a label is read where it stands.
    func looksFor(_ property: Property) -> Bool {
        labels.map { $0.contains(property) || property.counterpart.map($0.contains) == true } ?? true
    }

    /// Whether a label that does not fit is an error: also one that the user assigned.
    func needs(_ property: Property) -> Bool {
        property == .atomicNumbers || property == .positions || needed.contains(property)
            || property.counterpart.map(needed.contains) == true
            || assignment[property]?.isEmpty == false
    }

    /// The properties to look for: those known by themselves and those assigned.
    var properties: [Property] {
        let all =
            Property.allCases + assignment.keys.filter { !Property.allCases.contains($0) }.sorted { $0.key < $1.key }
        return all.filter { $0 == .atomicNumbers || $0 == .positions || looksFor($0) }
    }
}
