import ApusTraining

extension RunConfiguration {
    /// All keys with default, accepted values and meaning, table by table, as `apus train --help-config` prints them.
    ///
    /// - Parameter registry: The types that can be named.
    public static func help(registry: Registry = .standard) -> String { ConfigurationKey.helpText(registry) }
}

extension ConfigurationKey {
    /// All keys with default, accepted values and meaning, table by table.
    package static func helpText(_ registry: Registry = .standard) -> String {
        let all = keys(registry)
        let defaults = RunConfiguration(registry: registry)
        var sections: [String] = []
        for (table, keys) in tables(all) {
            let entries = keys.compactMap { $0.entry(defaults) }
            if !entries.isEmpty { sections.append("[\(table)]\n" + entries.joined()) }
        }
        return sections.joined(separator: "\n") + "\n" + withoutEffect(all)
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
                : defaultWords.map { "\(name)  (default: \($0))" }
                    ?? "\(name) = \((defaultValue ?? storage.write(defaults))?.toml ?? "")"
            let owners = owner?.names ?? potentials
            let owner = owners.isEmpty ? "" : " Only for \(owners.joined(separator: ", "))."
            return "\(value)\n    \(summary)\n    Takes \(expected).\(owner)\n"
        case .fixed(let value):
            return "\(name) = \(value.toml)  (the only value yet)\n    \(summary)\n"
        case .ignored, .unsupported:
            return nil
        }
    }

    /// All keys as a table in Markdown: type, default, meaning and what happens with them.
    package static var markdownTable: String {
        let defaults = RunConfiguration()
        let rows = all.filter { $0.placeholder != "" }.map { key -> String in
            let name = key.placeholder.map { "\(key.table).\($0)" } ?? key.path
            let (value, status): (String, String) =
                switch key.rule {
                case .stored(let storage):
                    (
                        key.isRequired
                            ? "required"
                            : key.defaultWords ?? "`\((key.defaultValue ?? storage.write(defaults))?.toml ?? "")`",
                        "honoured"
                    )
                case .fixed(let value): ("`\(value.toml)`", "this value alone")
                case .ignored: ("", "without effect")
                case .unsupported: ("", "refused")
                }
            let owners = key.owner?.names ?? key.potentials
            let owner = owners.isEmpty ? "" : " (\(owners.joined(separator: ", ")))"
            let cells = ["`\(name)`\(owner)", key.expected, value, key.summary, status]
            return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        return "| key | takes | default | meaning, or the reason | status |\n|---|---|---|---|---|\n" + rows.joined()
    }

    private static func withoutEffect(_ all: [ConfigurationKey]) -> String {
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
