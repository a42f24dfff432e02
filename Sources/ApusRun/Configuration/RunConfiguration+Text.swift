import ApusFiles
import ApusTraining

extension RunConfiguration {
    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - path: A file in TOML; relative paths of data begin in its folder.
    ///   - overrides: Keys that change, such as `training.lr=1e-3`.
    ///   - registry: The types that it can name; runs have their types from their configuration.
    ///   - observer: Receives a sentence for each setting that has no effect.
    /// - Throws: `ApusError` that names the line and the key.
    public init(
        file path: String, overrides: [String] = [], registry: Registry = .standard,
        observer: (any RunObserver)? = nil
    ) throws {
        let (configuration, notices) = try Self.read(path: path, overrides: overrides, registry: registry)
        for notice in notices { observer?.tell(.info, notice) }
        self = configuration
    }

    /// Reads a configuration file and applies the options of the command line.
    ///
    /// - Returns: The configuration, and a sentence for each setting that has no effect.
    /// - Throws: `ApusError`.
    ///
    /// - Parameter registry: The types that the file may name.
    package static func read(path: String, overrides: [String] = [], registry: Registry = .standard) throws
        -> (configuration: RunConfiguration, notices: [String])
    {
        var document = try ConfigurationDocument(path: path, registry: registry)
        for option in overrides { try document.apply(override: option) }
        return try document.resolve()
    }

    /// The same configuration for a file in another folder, from which relative paths of data then begin.
    ///
    /// - Throws: `ApusError` when a folder cannot be found.
    func moved(to folder: String) throws -> RunConfiguration {
        var moved = self
        moved.dataset.file = try dataset.file.seen(from: folder)
        moved.dataset.validationFile = try dataset.validationFile?.seen(from: folder)
        moved.dataset.testFile = try dataset.testFile?.seen(from: folder)
        moved.dataset.isolatedAtomsFile = try dataset.isolatedAtomsFile?.seen(from: folder)
        moved.training.split.indexFiles = try training.split.indexFiles?.map { try $0.seen(from: folder) }
        return moved
    }

    /// The whole configuration as TOML, with all defaults; reading it in the same folder gives an equal configuration.
    package var toml: String {
        var sections: [String] = []
        for (table, keys) in ConfigurationKey.tables(ConfigurationKey.keys(registry)) {
            var section = ""
            for key in keys where key.potentials.isEmpty || key.potentials.contains(potential.network.name) {
                if key.owner?.allows(self) == false { continue }
                if let value = key.value(in: self) { section += "\(key.name) = \(value.toml)\n" }
            }
            if !section.isEmpty { sections.append("[\(table)]\n" + section) }
        }
        return sections.joined(separator: "\n")
    }
}

extension ConfigurationKey {
    /// What a configuration says about the key; nil where nothing is set and for keys that are not kept.
    package func value(in configuration: RunConfiguration) -> SettingValue? {
        switch rule {
        case .stored(let storage): storage.write(configuration)
        case .fixed(let value): value
        case .ignored, .unsupported: nil
        }
    }
}
