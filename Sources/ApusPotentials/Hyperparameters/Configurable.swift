import ApusChemistry

/// A type that configurations and files name, with hyper-parameters that it declares once: a potential, an energy term,
/// an optimiser, a schedule of the learning rate.
///
/// From the declarations follow the keys of the configuration with their help, the JSON in files, and the checks of both.
public protocol Configurable: Hashable, Sendable {
    /// The name in configurations and files.
    static var name: String { get }
    /// The hyper-parameters in the order in which they are explained, each after those that it depends on.
    static var hyperparameters: [Hyperparameter<Self>] { get }
    /// What of its hyper-parameters does not fit together; nil where all does.
    var conflict: KeyConflict? { get }
    /// All defaults.
    init()
}

extension Configurable {
    /// Whatever is within its limits fits.
    public var conflict: KeyConflict? { nil }

    /// The name in configurations and files.
    public var name: String { Self.name }

    /// The keys of the configuration that decide about hyper-parameters.
    public static var keys: [HyperparameterKey] { hyperparameters.flatMap(\.keys) }

    /// The value of a key: what was chosen, else the default; nil where there is neither.
    public static func value(_ key: String, in chosen: HyperparameterValues) -> HyperparameterValue? {
        if let value = chosen[key] { return value }
        return switch keys.first(where: { $0.name == key })?.standard {
        case .value(let value): value
        case .key(let other): value(other, in: chosen)
        case .unset, .needed, nil: nil
        }
    }

    /// Makes one of what was chosen, by key; all else are defaults.
    ///
    /// - Parameter lengthUnit: The unit of lengths in the result.
    /// - Throws: `UnitError` when a length cannot be converted.
    public init(_ chosen: HyperparameterValues, lengthUnit: Unit = .angstrom) throws {
        self.init()
        for hyperparameter in Self.hyperparameters {
            try hyperparameter.apply({ Self.value($0, in: chosen) }, lengthUnit, &self)
        }
    }

    /// The first rule that a hyper-parameter breaks, in words.
    public var fault: String? { Self.hyperparameters.lazy.compactMap { $0.fault(self) }.first }
}
