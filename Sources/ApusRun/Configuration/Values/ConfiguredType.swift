import ApusPotentials

/// A type that the configuration names, such as a potential, with what is chosen of its hyper-parameters.
package struct ConfiguredType: Sendable, Equatable {
    package var type: any Configurable.Type
    /// What is chosen, by key; the rest are defaults.
    package var values: HyperparameterValues = [:]

    package init(_ type: any Configurable.Type) { self.type = type }

    /// The name of the type.
    package var name: String { type.name }

    /// What a key of the type is set to, or its default; nil where it has neither. Keys of other types cannot be set.
    package subscript(key: String) -> HyperparameterValue? {
        get { type.value(key, in: values) }
        set { if type.keys.contains(where: { $0.name == key }) { values[key] = newValue } }
    }

    /// Whether both mean the same: a default counts like a choice of it.
    package static func == (a: ConfiguredType, b: ConfiguredType) -> Bool {
        a.name == b.name && a.type.keys.allSatisfy { a[$0.name] == b[$0.name] }
    }
}
