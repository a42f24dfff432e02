extension ConfigurationKey {
    /// All keys with default, accepted values and meaning, table by table.
    static var helpText: String {
        let defaults = RunConfiguration()
        var sections: [String] = []
        for (table, keys) in tables {
            let entries = keys.compactMap { $0.entry(defaults) }
            if !entries.isEmpty { sections.append("[\(table)]\n" + entries.joined()) }
        }
        return sections.joined(separator: "\n") + "\n" + withoutEffect
    }

    /// Name, default, meaning and accepted values; nil for keys without effect.
    private func entry(_ defaults: RunConfiguration) -> String? {
        switch rule {
        case .stored(let storage):
            if placeholder == "" { return nil }
            let name = placeholder ?? String(name)
            let value =
                isRequired
                ? "\(name)  (required)"
                : defaultWords.map { "\(name)  (default: \($0))" } ?? "\(name) = \(storage.write(defaults)?.toml ?? "")"
            let owner = potential.map { " Only for \($0.rawValue)." } ?? ""
            return "\(value)\n    \(summary)\n    Takes \(expected).\(owner)\n"
        case .fixed(let value):
            return "\(name) = \(value.toml)  (the only value yet)\n    \(summary)\n"
        case .ignored, .unsupported:
            return nil
        }
    }

    private static var withoutEffect: String {
        var ignored: [String] = []
        var unsupported: [String] = []
        for key in all {
            switch key.rule {
            case .ignored: ignored.append(key.path)
            case .unsupported: unsupported.append(key.path)
            case .stored, .fixed: break
            }
        }
        return """
            Keys of modelforge that are read but have no effect:
              \(ignored.joined(separator: "\n  "))

            Keys of modelforge that are not supported yet:
              \(unsupported.joined(separator: "\n  "))

            """
    }
}
