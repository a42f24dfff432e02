import ApusChemistry
import ApusFiles
import ApusSystem

/// The declaration of a hyper-parameter of a potential or another type.
///
///     .integer("filters", \.filters, 1...4096, key: "number_of_filters", "Number of filters of each interaction.")
public struct Hyperparameter<Root: Configurable>: Sendable {
    /// The name in files.
    public let name: String
    /// The keys of the configuration that decide about it; none where it cannot be chosen.
    public let keys: [HyperparameterKey]
    /// Sets it by the values of keys, with lengths in a unit.
    let apply: @Sendable (_ value: (String) -> HyperparameterValue?, _ lengthUnit: Unit, inout Root) throws -> Void
    /// The value in files.
    let json: @Sendable (Root) -> JSONValue
    /// Sets it by the value in a file.
    let load: @Sendable (JSONValue, inout Root) throws(HyperparameterFault) -> Void
    /// The rule that it breaks, in words; nil where it breaks none.
    let fault: @Sendable (Root) -> String?

    private init(
        name: String, keys: [HyperparameterKey],
        apply: @escaping @Sendable ((String) -> HyperparameterValue?, Unit, inout Root) throws -> Void,
        json: @escaping @Sendable (Root) -> JSONValue,
        load: @escaping @Sendable (JSONValue, inout Root) throws(HyperparameterFault) -> Void,
        fault: @escaping @Sendable (Root) -> String?
    ) {
        (self.name, self.keys, self.apply, self.json, self.load, self.fault) = (name, keys, apply, json, load, fault)
    }

    /// A hyper-parameter of any type.
    ///
    /// - Parameters:
    ///   - name: The name in files.
    ///   - place: Where it stands.
    ///   - keys: The keys of the configuration that decide about it.
    ///   - apply: Sets it by the values of these keys, with lengths in a unit.
    ///   - fault: The rule that it breaks, in words; nil where it breaks none.
    public init<Value: Codable & Sendable>(
        _ name: String, _ place: WritableKeyPath<Root, Value> & Sendable, keys: [HyperparameterKey],
        apply: @escaping @Sendable (_ value: (String) -> HyperparameterValue?, Unit, inout Root) throws -> Void,
        fault: @escaping @Sendable (Root) -> String? = { _ in nil }
    ) {
        self.init(
            name: name, keys: keys, apply: apply, json: { JSONValue(encoding: $0[keyPath: place]) },
            load: { value, root throws(HyperparameterFault) in
                root[keyPath: place] = try value.decoded(Value.self, named: name)
            }, fault: fault)
    }
}

extension Hyperparameter {
    /// A hyper-parameter that one key decides about, or none.
    private init<Value: Codable & Sendable>(
        _ name: String, _ place: WritableKeyPath<Root, Value> & Sendable, key: HyperparameterKey?,
        read: @escaping @Sendable (HyperparameterValue, Unit) throws -> Value?,
        fault: @escaping @Sendable (Value) -> String?, noun: String? = nil
    ) {
        self.init(
            name, place, keys: key.map { [$0] } ?? [],
            apply: { value, unit, root in
                guard let key, let chosen = value(key.name) else { return }
                guard let value = try read(chosen, unit) else { fatalError("\(key.name) is \(chosen)") }
                root[keyPath: place] = value
            },
            fault: { root in
                fault(root[keyPath: place]).map { "\(noun ?? name) is \(root[keyPath: place]), but must be \($0)" }
            })
    }

    /// A whole number; `other` names the key whose value is the default.
    public static func integer(
        _ name: String, _ place: WritableKeyPath<Root, Int> & Sendable, _ range: ClosedRange<Int>, key: String,
        sameAs other: String? = nil, _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place,
            key: HyperparameterKey(
                key, .integer(range), default: other.map { .key($0) } ?? .value(.integer(Root()[keyPath: place])),
                meaning),
            read: { value, _ in value.integer },
            fault: { range.contains($0) ? nil : "from \(range.lowerBound) to \(range.upperBound)" })
    }

    /// A whole number that may be left unset, which means what `unset` says.
    public static func integer(
        _ name: String, _ place: WritableKeyPath<Root, Int?> & Sendable, _ range: ClosedRange<Int>, key: String,
        unset: String, _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place, key: HyperparameterKey(key, .integer(range), default: .unset(unset), meaning),
            read: { value, _ in value.integer },
            fault: { $0.map(range.contains) ?? true ? nil : "from \(range.lowerBound) to \(range.upperBound)" })
    }

    /// A number; without a key it cannot be chosen.
    public static func real(
        _ name: String, _ place: WritableKeyPath<Root, Double> & Sendable, _ rule: NumberRule, key: String?,
        _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place,
            key: key.map {
                HyperparameterKey($0, .real(rule), default: .value(.real(Root()[keyPath: place])), meaning)
            },
            read: { value, _ in value.real }, fault: { rule.contains($0) ? nil : rule.words })
    }

    /// A number that may be left unset, which means what `unset` says.
    public static func real(
        _ name: String, _ place: WritableKeyPath<Root, Double?> & Sendable, _ rule: NumberRule, key: String,
        unset: String, _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place, key: HyperparameterKey(key, .real(rule), default: .unset(unset), meaning),
            read: { value, _ in value.real }, fault: { $0.map(rule.contains) ?? true ? nil : rule.words })
    }

    /// The same hyper-parameter without a default: its key must be set where the type is chosen.
    public var needed: Hyperparameter {
        Hyperparameter(
            name: name,
            keys: keys.map { HyperparameterKey($0.name, $0.kind, default: .needed, owner: $0.owner, $0.meaning) },
            apply: apply, json: json, load: load, fault: fault)
    }

    /// Several numbers.
    public static func reals(
        _ name: String, _ place: WritableKeyPath<Root, [Double]> & Sendable, _ rule: NumberRule, key: String,
        _ meaning: String
    ) -> Hyperparameter {
        let standard = Root()[keyPath: place]
        return Hyperparameter(
            name, place,
            key: HyperparameterKey(key, .reals(standard.count, rule), default: .value(.reals(standard)), meaning),
            read: { value, _ in value.reals },
            fault: { $0.count == standard.count && $0.allSatisfy(rule.contains) ? nil : rule.words })
    }

    /// True or false.
    public static func flag(
        _ name: String, _ place: WritableKeyPath<Root, Bool> & Sendable, key: String, _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place,
            key: HyperparameterKey(key, .flag, default: .value(.flag(Root()[keyPath: place])), meaning),
            read: { value, _ in value.flag }, fault: { _ in nil })
    }

    /// One of the names of an enumeration.
    public static func choice<Value: RawRepresentable<String> & CaseIterable & Codable & Sendable>(
        _ name: String, _ place: WritableKeyPath<Root, Value> & Sendable, key: String, _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place,
            key: HyperparameterKey(
                key, .choice(Value.allCases.map(\.rawValue), refused: [:]),
                default: .value(.text(Root()[keyPath: place].rawValue)), meaning),
            read: { value, _ in value.text.flatMap { Value(rawValue: $0) } }, fault: { _ in nil })
    }

    /// A length, with a default in Å; `range` is in Å, and `limits` hold in any unit that a file may have.
    public static func length(
        _ name: String, _ place: WritableKeyPath<Root, Double> & Sendable, _ range: ClosedRange<Double>, key: String,
        limits: NumberRule, _ meaning: String
    ) -> Hyperparameter {
        Hyperparameter(
            name, place,
            key: HyperparameterKey(
                key, .length(range), default: .value(.length(Quantity(Root()[keyPath: place], .angstrom))), meaning),
            read: { value, unit in try value.length?.value(in: unit) },
            fault: { limits.contains($0) ? nil : limits.words }, noun: "the \(name)")
    }
}
