import ApusFiles

extension ConfigurationDocument {
    /// Checks all settings and completes them with the defaults.
    ///
    /// - Returns: The configuration, and a sentence for each setting that has no effect.
    /// - Throws: `ApusError` that names the place, the key, what is expected and what was found.
    func resolve() throws -> (configuration: RunConfiguration, notices: [String]) {
        var configuration = RunConfiguration(registry: registry)
        var notices: [String] = []
        var given: Set<String> = []

        for key in keys where key.isReadFirst {
            // A wrong value is refused below, in its line.
            guard let setting = settings[key.path], case .stored(let storage) = key.rule else { continue }
            try? store(setting, of: key, storage, in: &configuration)
        }
        for path in orderedPaths() {
            guard let key = try key(for: path), let setting = settings[path] else { continue }
            guard given.insert(key.alias ?? key.path).inserted else {
                throw error(
                    at: path, "\(key.path) and \(key.alias ?? "the key that it stands for") are the same",
                    remedy: "remove one of them")
            }
            switch key.rule {
            case .stored(let storage):
                try store(setting, of: key, storage, in: &configuration)
            case .fixed(let value):
                guard setting.value.matches(value) else {
                    throw error(
                        at: path, "\(key.path) can only be \(value.toml) yet, found \(setting.value.found)",
                        remedy: "remove the key or set it to \(value.toml)")
                }
            case .ignored(let harmless):
                let notice = "\(key.path) has no effect: \(key.summary)"
                if !harmless.contains(setting.value), !notices.contains(notice) { notices.append(notice) }
            case .unsupported(let harmless):
                guard harmless.contains(setting.value) else {
                    throw error(at: path, "\(key.path) is not supported yet", remedy: key.summary)
                }
            }
        }
        try checkPresence(given, potential: configuration.potential.network.name)
        for key in keys where !given.contains(key.path) {
            if case .stored(let storage) = key.rule { storage.derive?(&configuration) }
        }
        configuration.replacePlaceholders()
        try check(configuration)
        return (configuration, notices)
    }

    /// Line by line, so that the first mistake in the file is the one reported, and options last.
    private func orderedPaths() -> [String] {
        func order(_ path: String) -> Int {
            switch settings[path]?.origin {
            case .line(let line?): line
            default: .max
            }
        }
        return settings.keys.sorted { (order($0), $0) < (order($1), $1) }
    }

    private func store(
        _ setting: Setting, of key: ConfigurationKey, _ storage: ConfigurationKey.Storage,
        in configuration: inout RunConfiguration
    ) throws {
        // A path typed at a prompt begins in the current directory, one written in a file in the file's folder.
        let folder: String
        if case .option = setting.origin {
            folder = ""
        } else {
            folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        }
        do {
            try storage.read(setting.value, folder, &configuration)
        } catch {
            let problem = error.problem.map { ": " + $0 } ?? " takes \(key.expected), found \(setting.value.found)"
            throw self.error(at: key.path, key.path + problem, remedy: error.remedy)
        }
    }

    private func checkPresence(_ given: Set<String>, potential: String) throws {
        for key in keys {
            if key.isRequired, !given.contains(key.path) {
                throw error(
                    at: key.path, "\(key.path) is missing",
                    remedy: "add \(key.name) with \(key.expected) to [\(key.table)]")
            }
            if !key.potentials.isEmpty, !key.potentials.contains(potential), given.contains(key.path) {
                throw error(
                    at: key.path,
                    "\(key.path) belongs to \(key.potentials.joined(separator: " and ")), but potential_name is "
                        + "\"\(potential)\"",
                    remedy: "remove the key")
            }
        }
    }
}

extension SettingValue {
    /// Equality that takes names in upper or lower case.
    fileprivate func matches(_ other: SettingValue) -> Bool {
        if case (.text(let left), .text(let right)) = (self, other) { return left.lowercased() == right.lowercased() }
        return self == other
    }
}

extension RunConfiguration {
    fileprivate mutating func replacePlaceholders() {
        runtime.experimentName = runtime.experimentName
            .replacing("{potential_name}", with: potential.network.name)
            .replacing("{dataset_name}", with: dataset.name)
        runtime.outputDirectory = runtime.outputDirectory
            .replacing("{experiment_name}", with: runtime.experimentName)
    }
}
