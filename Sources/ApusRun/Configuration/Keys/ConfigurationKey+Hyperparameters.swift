import ApusChemistry
import ApusPotentials

/// Keys that follow from what types declare.
extension ConfigurationKey {
    /// The keys of several types, of which the configuration names one, with the names of the types that have each.
    ///
    /// - Parameters:
    ///   - types: The types.
    ///   - table: The table in which the keys stand, with a dot.
    ///   - nameKey: The key that names the type.
    ///   - place: Where the type and what is chosen stand.
    package static func hyperparameters(
        of types: [any Configurable.Type], in table: String,
        _ place: WritableKeyPath<RunConfiguration, ConfiguredType> & Sendable
    ) -> [(key: ConfigurationKey, names: [String])] {
        merged(types).map { name in
            let declared = types.compactMap { type in
                type.keys.first { $0.name == name }.map { (type: type, key: $0) }
            }
            return (key(name, declared, in: table, place), declared.map { $0.type.name })
        }
    }

    /// The names of all keys: those of the first type, and those of others behind the one that they follow there, or at the end.
    private static func merged(_ types: [any Configurable.Type]) -> [String] {
        var names: [String] = []
        for type in types {
            var position = names.count
            for key in type.keys {
                if let index = names.firstIndex(of: key.name) {
                    position = index + 1
                } else {
                    names.insert(key.name, at: position)
                    position += 1
                }
            }
        }
        return names
    }

    private static func key(
        _ name: String, _ declared: [(type: any Configurable.Type, key: HyperparameterKey)], in table: String,
        _ place: WritableKeyPath<RunConfiguration, ConfiguredType> & Sendable
    ) -> ConfigurationKey {
        let kinds = declared.map { (name: $0.type.name, kind: ValueKind.hyperparameter($0.key.kind)) }
        let storage = Storage(
            read: { value, folder, configuration throws(ValueMismatch) in
                let chosen = configuration[keyPath: place].name
                if let kind = kinds.first(where: { $0.name == chosen })?.kind {
                    configuration[keyPath: place].values[name] = try kind.decode(value, folder)
                } else {
                    // A key of another type is refused later, with a better message.
                    configuration[keyPath: place].values[name] =
                        kinds.lazy.compactMap { try? $0.kind.decode(value, folder) }.first
                }
            },
            write: { configuration in configuration[keyPath: place][name].flatMap(kinds[0].kind.encode) })
        /// The same for all types, or each with the types that it is for.
        func words(_ texts: [String]) -> String {
            if Set(texts).count == 1 { return texts[0] }
            return zip(texts, declared).map { "\($0) for \($1.type.name)" }.joined(separator: "; ")
        }
        let first = declared[0].key
        var key = ConfigurationKey(
            path: table + name, expected: words(kinds.map(\.kind.expected)),
            summary: Set(declared.map(\.key.meaning)).count == 1
                ? first.meaning : declared.map { "\($0.type.name): \($0.key.meaning)" }.joined(separator: " "),
            rule: .stored(storage))
        if Set(declared.map { "\($0.key.standard)" }).count > 1 {
            key.defaultWords = words(
                declared.map { type, key in
                    let value = type.value(name, in: [:]).flatMap(kinds[0].kind.encode)
                    if case .text(let text) = value { return text }
                    return value?.toml ?? key.standard.words ?? "none"
                })
        } else {
            switch first.standard {
            case .value(let value): key.defaultValue = kinds[0].kind.encode(value)
            case .key, .unset, .needed: key.defaultWords = first.standard.words
            }
        }
        if let owner = first.owner {
            key.owner = Owner(
                key: table + owner.key, names: owner.values,
                current: { $0[keyPath: place][owner.key]?.text ?? "None" })
        }
        return key
    }
}

extension HyperparameterKey.Standard {
    /// What stands for a value in the help.
    fileprivate var words: String? {
        switch self {
        case .value: nil
        case .key(let other): String(other.split(separator: ".").last ?? "")
        case .unset(let words): words
        case .needed: "none, must be given"
        }
    }
}

extension ValueKind where Value == HyperparameterValue {
    /// What the key of a hyper-parameter takes.
    static func hyperparameter(_ kind: HyperparameterKey.Kind) -> ValueKind {
        switch kind {
        case .integer(let range): ValueKind<Int>.integer(range).mapped(HyperparameterValue.integer) { $0.integer }
        case .real(let rule):
            ValueKind<Double>.number(rule.words, where: rule.contains).mapped(HyperparameterValue.real) { $0.real }
        case .reals(let count, let rule):
            ValueKind<[Double]>.list(
                of: .number(rule.words, where: rule.contains), named: count == 2 ? "two numbers" : "\(count) numbers"
            ).counted(count).mapped(HyperparameterValue.reals) { $0.reals }
        case .flag: ValueKind<Bool>.flag.mapped(HyperparameterValue.flag) { $0.flag }
        case .choice(let names, let refused):
            ValueKind<String>.name(among: names, refused: refused).mapped(HyperparameterValue.text) { $0.text }
        case .length(let range):
            ValueKind<Quantity>.length(range).mapped(HyperparameterValue.length) { $0.length }
        }
    }
}
