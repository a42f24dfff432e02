import ApusPotentials
import ApusTraining

/// One key of the configuration file: its name, the values it takes, its default and its meaning.
///
/// ``all`` is the only place where keys are listed; reading, checking, writing and the help text follow it.
package struct ConfigurationKey: Sendable {
    /// The tables and the key, joined by dots, such as `training.lr`.
    package let path: String
    /// Type and range of the value in words.
    package let expected: String
    /// The meaning in a sentence; for a key without effect, the reason.
    package let summary: String
    package var rule: Rule
    var isRequired = false
    /// The potentials that have the key; empty when all have it.
    package var potentials: [String] = []
    /// Whether other keys follow from its value, so that it is read before them.
    var isReadFirst = false
    /// The default, where the configuration as it begins does not have it.
    var defaultValue: SettingValue?
    /// The schedules, optimisers or activation functions that have the key; nil when it does not depend on them.
    var owner: Owner?
    /// The default in words, where it depends on other keys or is unset.
    var defaultWords: String?
    /// The key that this one is another name of.
    var alias: String?
    /// What stands in the help for all members of a family, such as `<component>`; empty for those not shown.
    var placeholder: String?

    /// Values of another key, one of which gives this one a meaning.
    struct Owner: Sendable {
        /// The other key.
        package let key: String
        package let names: [String]
        /// What the other key is in a configuration.
        let current: @Sendable (RunConfiguration) -> String

        /// A schedule that is switched off has all keys, so that it can be switched off from the command line.
        func allows(_ configuration: RunConfiguration) -> Bool { (names + ["None"]).contains(current(configuration)) }
    }

    /// What happens with the value.
    package enum Rule: Sendable {
        /// It is stored in the configuration.
        case stored(Storage)
        /// It may only be this one, because nothing else is supported yet.
        case fixed(SettingValue)
        /// It has no effect, and that is said unless the value is one of these.
        case ignored(unless: [SettingValue])
        /// It is refused unless it is one of these, which mean the same as leaving it out.
        case unsupported(unless: [SettingValue])
    }

    /// The way between a value in the file and its place in the configuration.
    package struct Storage: Sendable {
        package let read:
            @Sendable (SettingValue, _ folder: String, inout RunConfiguration) throws(ValueMismatch) -> Void
        package let write: @Sendable (RunConfiguration) -> SettingValue?
        /// Sets a default that depends on other keys, once these are read.
        var derive: (@Sendable (inout RunConfiguration) -> Void)?
    }

    /// All keys, in the order in which they are explained, written and derived from one another.
    package static let all = made(of: .standard)

    /// All keys where the types of a registry can be named.
    package static func keys(_ registry: Registry) -> [ConfigurationKey] {
        registry == .standard ? all : made(of: registry)
    }

    private static func made(of registry: Registry) -> [ConfigurationKey] {
        potentialKeys(registry) + datasetKeys(registry) + trainingKeys(registry) + runtimeKeys
    }

    /// Keys by table, because TOML opens a table only once.
    package static func tables(_ keys: [ConfigurationKey]) -> [(table: Substring, keys: [ConfigurationKey])] {
        var tables: [(table: Substring, keys: [ConfigurationKey])] = []
        for key in keys {
            if let index = tables.firstIndex(where: { $0.table == key.table }) {
                tables[index].keys.append(key)
            } else {
                tables.append((key.table, [key]))
            }
        }
        return tables
    }

    /// The key without its tables.
    package var name: Substring { path[(path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex)...] }

    /// The table that contains the key.
    package var table: Substring { path.prefix(max(0, path.count - name.count - 1)) }
}

extension ConfigurationKey {
    /// A key whose value goes to a place in the configuration, where its default already stands.
    package static func value<Value>(
        _ path: String, _ place: WritableKeyPath<RunConfiguration, Value> & Sendable, _ kind: ValueKind<Value>,
        required: Bool = false, _ summary: String
    ) -> ConfigurationKey {
        let storage = Storage(
            read: { value, folder, configuration throws(ValueMismatch) in
                configuration[keyPath: place] = try kind.decode(value, folder)
            },
            write: { kind.encode($0[keyPath: place]) })
        return ConfigurationKey(
            path: path, expected: kind.expected, summary: summary, rule: .stored(storage), isRequired: required)
    }

    /// A key that may be left unset, which means what `unset` says.
    static func optional<Value>(
        _ path: String, _ place: WritableKeyPath<RunConfiguration, Value?> & Sendable, _ kind: ValueKind<Value>,
        unset: String, _ summary: String
    ) -> ConfigurationKey {
        var key = value(path, place, kind.optional, summary)
        key.defaultWords = unset
        return key
    }

    /// Another name of a key, which is the one that is written.
    static func alias<Value>(
        _ path: String, of other: String, _ place: WritableKeyPath<RunConfiguration, Value> & Sendable,
        _ kind: ValueKind<Value>, _ summary: String
    ) -> ConfigurationKey {
        var key = value(path, place, kind, summary)
        guard case .stored(let storage) = key.rule else { fatalError("\(path) is not stored") }
        key.rule = .stored(Storage(read: storage.read, write: { _ in nil }))
        (key.alias, key.defaultWords) = (other, other)
        return key
    }

    /// The same key with a default that depends on other keys.
    func derived(_ words: String, _ derive: @escaping @Sendable (inout RunConfiguration) -> Void) -> ConfigurationKey {
        guard case .stored(var storage) = rule else { fatalError("\(path) is not stored") }
        storage.derive = derive
        var key = self
        key.rule = .stored(storage)
        key.defaultWords = words
        return key
    }

    /// The same key for some types alone, of which another key names one.
    func only(
        for names: [String], of key: String, current: @escaping @Sendable (RunConfiguration) -> String
    ) -> ConfigurationKey {
        var owned = self
        owned.owner = Owner(key: key, names: names, current: current)
        return owned
    }

    /// Keys that differ in their last word alone, such as the weights of loss components; the help shows one of them.
    static func family<Member: Hashable & Sendable, Value>(
        _ table: String, of members: [Member], as placeholder: String, name: (Member) -> String,
        _ place: (Member) -> WritableKeyPath<RunConfiguration, Value?> & Sendable, _ kind: ValueKind<Value>,
        unset: String, _ summary: String
    ) -> [ConfigurationKey] {
        members.enumerated().map { index, member in
            var key = optional("\(table).\(name(member))", place(member), kind, unset: unset, summary)
            key.placeholder = index == 0 ? placeholder : ""
            return key
        }
    }

    /// A key of modelforge that takes one value here.
    static func fixed(_ path: String, _ value: SettingValue, _ summary: String) -> ConfigurationKey {
        ConfigurationKey(path: path, expected: value.toml, summary: summary, rule: .fixed(value))
    }

    /// A flag of modelforge that chooses a value of another key; false changes nothing.
    static func flagChoosing(
        _ path: String, _ summary: String, isChosen: @escaping @Sendable (RunConfiguration) -> Bool,
        _ choose: @escaping @Sendable (inout RunConfiguration) -> Void
    ) -> ConfigurationKey {
        let kind = ValueKind<Bool>.flag
        let storage = Storage(
            read: { value, folder, configuration throws(ValueMismatch) in
                if try kind.decode(value, folder) { choose(&configuration) }
            },
            write: { .flag(isChosen($0)) })
        return ConfigurationKey(path: path, expected: kind.expected, summary: summary, rule: .stored(storage))
    }

    /// A key of modelforge that means nothing here.
    static func ignored(_ path: String, unless values: [SettingValue] = [], _ reason: String) -> ConfigurationKey {
        ConfigurationKey(path: path, expected: "any value", summary: reason, rule: .ignored(unless: values))
    }

    /// A key of modelforge that this version cannot obey.
    static func unsupported(_ path: String, unless values: [SettingValue] = [], _ remedy: String) -> ConfigurationKey {
        ConfigurationKey(path: path, expected: "nothing", summary: remedy, rule: .unsupported(unless: values))
    }
}
