import ApusChemistry
import ApusFiles

/// How messages name what the user can say about a data file: as keys of a configuration, or as options of a command.
public struct SettingNames: Sendable, Equatable {
    /// Whether the user says it on the command line.
    public var areOptions = false
    /// What the user typed for the key of a property, such as `--assign E=U0`, by the property's key.
    public var typed: [Property: String] = [:]

    /// Whether `--require` and `--missing` can be said.
    public var haveSelection = false

    /// Keys of a configuration.
    public init() {}

    /// The setting for the key of a property.
    func assignment(_ property: Property) -> String {
        areOptions ? "--assign \(property.key)=KEY" : "dataset.properties_assignment.\(property.key)"
    }

    /// The setting that leaves a property out.
    func omission(of property: Property) -> String {
        areOptions ? "--assign \(property.key)=" : "dataset.properties_assignment.\(property.key) = \"\""
    }

    /// What can be said so that a label may be missing; nil where nothing can be said.
    func missing(_ property: Property) -> String? {
        guard property != .totalCharge, property != .spinMultiplicity else { return nil }
        guard areOptions else { return "set dataset.missing_labels to \"drop\" or \"mask\"" }
        return haveSelection ? "leave it out with --require \(property.key) --missing drop" : nil
    }

    /// What can be done about a label that cannot be read, `marked` where missing ones are marked as such.
    func removal(of property: Property, marked: Bool) -> String {
        guard !areOptions, !marked, let missing = missing(property) else { return "correct or remove it" }
        return "correct it, or remove it and \(missing)"
    }

    /// The setting for a unit.
    func unit(_ dimension: Dimension) -> String {
        areOptions ? "--\(dimension)-unit" : "dataset.source_\(dimension)_unit"
    }

    /// An error about a key that was assigned, at the place where the user assigned it.
    func error(assigning property: Property, file: String, _ problem: String, remedy: String) -> ApusError {
        ApusError(
            areOptions ? .usage : .configuration, file: file, place: typed[property] ?? assignment(property),
            problem: problem, remedy: remedy)
    }
}
