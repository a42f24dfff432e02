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

    /// What can be said so that a label which is not a number is missing; nil where nothing can be said.
    func missing(_ property: Property) -> String? {
        guard areOptions else { return "set dataset.missing_labels to \"drop\" or \"mask\"" }
        return haveSelection ? "leave it out with --require \(property.key) --missing drop" : nil
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
