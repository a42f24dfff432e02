import ApusChemistry
import ApusFiles

extension Dataset {
    /// Whether a file begins as data in a format that can be read do.
    public static func isData(_ path: String) -> Bool {
        switch try? SourceFormat(of: path) {
        case nil, .modelforgeDescription: false
        default: true
        }
    }

    /// Reads a file or folder of any known format into memory, or maps one that was imported.
    ///
    /// The format is recognised by the content. Nothing is guessed without being reported in ``interpretation``.
    ///
    /// - Throws: `ApusError` that names the file, the frame and its line, the rule, and the value found.
    public static func read(path: String, options: ReadingOptions = ReadingOptions()) throws -> Dataset {
        if case .store = try SourceFormat(of: path) {
            return try Dataset(DatasetStore(path: path), options: options)
        }
        let reader = try openReader(path, options: options)
        var builder = ConfigurationBuilder(from: reader.units, options)
        var configurations: [Configuration] = []
        while let frame = try reader.next() { configurations.append(try builder.configuration(frame)) }
        guard !configurations.isEmpty else {
            throw ApusError(.data, file: path, problem: "there is no configuration")
        }
        var interpretation = builder.completed(reader.interpretation)
        interpretation.names = options.names
        return Dataset(
            configurations: Configurations(configurations), units: options.units, path: path,
            interpretation: interpretation,
            selfEnergies: try reader.checkedSelfEnergies(file: path).map {
                try SelfEnergies($0, unit: reader.units.unit(of: .energy)).converted(to: options.units.energy)
            })
    }

    /// Takes the configurations of an imported file in the units that are asked for.
    ///
    /// - Parameters:
    ///   - store: The file.
    ///   - options: Units, and how messages name the options.
    ///   - path: The name for messages, where it is not that of the file.
    /// - Throws: `ApusError` when options are given that only an import can follow.
    public init(_ store: DatasetStore, options: ReadingOptions, path: String? = nil) throws {
        if let unit = options.sourceUnits.first {
            throw ApusError(
                options.names.areOptions ? .usage : .configuration, file: store.path,
                place: options.names.unit(unit.key),
                problem: "the data set states its units itself", remedy: "remove the option")
        }
        for (property, key) in options.assignment where key != property.key {
            throw options.names.error(
                assigning: property, file: store.path,
                "'\(key)' cannot be chosen, because the data set was imported already",
                remedy: "import its sources again with this option")
        }
        let configurations = try Configurations(store, in: options.units)
        guard !configurations.isEmpty else {
            throw ApusError(.data, file: store.path, problem: "there is no configuration")
        }
        var interpretation = store.interpretation(units: store.information.units)
        interpretation.names = options.names
        self.init(
            configurations: configurations, units: options.units, path: path ?? store.path,
            interpretation: interpretation,
            selfEnergies: store.information.selfEnergies.isEmpty
                ? nil
                : try SelfEnergies(store.information.selfEnergies, unit: store.information.units.energy)
                    .converted(to: options.units.energy))
    }
}

extension DatasetStore {
    /// What the format is called.
    static let formatName = "imported data set"

    /// What stands in the file, as a reader tells it.
    func interpretation(units: UnitSystem) -> Interpretation {
        let entries = ([.atomicNumbers, .positions] + properties).map { property in
            // A stress may have been made of a virial.
            let keys = information.sources.lazy.map(\.keys)
            let stated = keys.contains { $0[property.key] != nil } ? property : property.counterpart ?? property
            let key = keys.compactMap { $0[stated.key] }.first
            let found = key == nil ? property : stated
            return Interpretation.Entry(
                property: found, key: key ?? property.key,
                unit: found.dimension == .dimensionless ? nil : units.unit(of: found), origin: nil,
                isNegated: false,
                count: property == .atomicNumbers || property == .positions ? count : count(of: property))
        }
        return Interpretation(
            format: Self.formatName, count: count, entries: entries,
            unusedKeys: information.sources.flatMap(\.unusedKeys))
    }
}
