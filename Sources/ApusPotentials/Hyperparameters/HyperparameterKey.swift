import ApusChemistry

/// A key of the configuration that decides about a hyper-parameter: its values, default and meaning.
public struct HyperparameterKey: Sendable {
    /// The name below the table of the type, such as `number_of_filters`; modelforge's where it has one.
    public let name: String
    /// The values that it takes.
    public let kind: Kind
    /// The meaning in a sentence.
    public let meaning: String
    /// What it is unless it is set.
    public let standard: Standard
    /// The other key that gives this one a meaning, and the values of it that do; nil where it always has one.
    public var owner: (key: String, values: [String])?

    /// The values that a key takes.
    public enum Kind: Sendable {
        /// A whole number.
        case integer(ClosedRange<Int>)
        /// A number.
        case real(NumberRule)
        /// As many numbers.
        case reals(Int, NumberRule)
        /// True or false.
        case flag
        /// One of some names; the refused ones, in lower case, with what speaks against them.
        case choice([String], refused: [String: String])
        /// A length with a unit, from and to so many Å.
        case length(ClosedRange<Double>)
    }

    /// What a key is unless it is set.
    public enum Standard: Sendable, Equatable {
        /// This value.
        case value(HyperparameterValue)
        /// The value of another key.
        case key(String)
        /// Nothing, which means what the words say.
        case unset(String)
        /// Nothing: it must be set where the type is chosen.
        case needed
    }

    /// A key with its default.
    public init(
        _ name: String, _ kind: Kind, default standard: Standard, owner: (key: String, values: [String])? = nil,
        _ meaning: String
    ) {
        (self.name, self.kind, self.standard, self.owner, self.meaning) = (name, kind, standard, owner, meaning)
    }
}

/// Which numbers a hyper-parameter may be.
public struct NumberRule: Sendable {
    /// Such as `a number > 0`.
    public let words: String
    /// Whether a number obeys.
    public let contains: @Sendable (Double) -> Bool

    /// A rule with its words.
    public init(_ words: String, where contains: @escaping @Sendable (Double) -> Bool) {
        (self.words, self.contains) = (words, contains)
    }

    /// All above zero.
    public static let positive = NumberRule("a number > 0") { $0 > 0 && $0.isFinite }
    /// From zero to one.
    public static let fraction = NumberRule("a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    /// Zero and all above.
    public static let nonNegative = NumberRule("a number >= 0") { $0 >= 0 && $0.isFinite }
    /// From zero to one, without one.
    public static let belowOne = NumberRule("a number >= 0 and < 1") { $0 >= 0 && $0 < 1 }
}

/// What a key of a configuration is set to.
public enum HyperparameterValue: Sendable, Hashable {
    /// A whole number.
    case integer(Int)
    /// A number.
    case real(Double)
    /// Numbers.
    case reals([Double])
    /// True or false.
    case flag(Bool)
    /// A name.
    case text(String)
    /// A length with its unit.
    case length(Quantity)

    /// The whole number.
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    /// The number.
    public var real: Double? { if case .real(let value) = self { value } else { nil } }
    /// The numbers.
    public var reals: [Double]? { if case .reals(let values) = self { values } else { nil } }
    /// True or false.
    public var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
    /// The name.
    public var text: String? { if case .text(let value) = self { value } else { nil } }
    /// The length.
    public var length: Quantity? { if case .length(let value) = self { value } else { nil } }
}

/// What was chosen of the hyper-parameters of a type, by key.
public typealias HyperparameterValues = [String: HyperparameterValue]

/// Keys whose values do not fit together, though each is within its limits.
public struct KeyConflict: Sendable {
    /// The keys, of which the first that is set is shown as the place of the mistake.
    public let keys: [String]
    /// What is wrong, beginning with the first key.
    public let problem: String
    /// What to do.
    public let remedy: String

    /// A conflict with its remedy.
    public init(_ keys: [String], _ problem: String, remedy: String) {
        (self.keys, self.problem, self.remedy) = (keys, problem, remedy)
    }

    /// What is wrong where a key is larger than another; nil where it is not.
    public static func above(_ key: String, _ low: Double, _ other: String, _ high: Double) -> KeyConflict? {
        guard low > high else { return nil }
        return KeyConflict(
            [key, other], "\(key) is \(low) but \(other) only \(high)",
            remedy: "choose a smaller \(key) or a larger \(other)")
    }
}
