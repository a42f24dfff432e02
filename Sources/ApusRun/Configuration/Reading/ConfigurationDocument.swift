import ApusFiles
import ApusTraining

/// The settings of a configuration file and of `--set` options, not yet checked against the keys.
struct ConfigurationDocument: Sendable {
    /// The path of the file as the user gave it.
    package let file: String
    /// The types that may be named.
    package let registry: Registry
    /// The keys that may be set.
    package let keys: [ConfigurationKey]
    /// All settings by the path of their key.
    private(set) var settings: [String: Setting] = [:]

    /// One value and where it comes from.
    struct Setting: Sendable {
        package let value: SettingValue
        package let origin: Origin
    }

    /// Where a value stands.
    package enum Origin: Sendable {
        case line(Int?)
        /// The text after `--set`.
        case option(String)
    }

    /// Reads a configuration file.
    ///
    /// - Throws: `ApusError` when the file cannot be read or is no TOML.
    init(path: String, registry: Registry = .standard) throws {
        let bytes = try readFile(path: path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ApusError(
                .configuration, file: path, problem: "the file is not UTF-8 text", remedy: "save it as UTF-8")
        }
        try self.init(toml: text, file: path, registry: registry)
    }

    /// Reads the text of a configuration file, in whose folder relative paths begin.
    init(toml text: String, file: String, registry: Registry = .standard) throws {
        (self.file, self.registry, keys) = (file, registry, ConfigurationKey.keys(registry))
        do {
            let members = try SettingValue.members(ofTOML: text)
            let lines = TOMLLines(text)
            add(.table(members), at: "") { .line(lines.line(of: $0)) }
        } catch {
            throw ApusError(
                .configuration, file: file, place: "line \(error.line), column \(error.column)",
                problem: "this is not TOML, \(error.problem)")
        }
    }

    /// Replaces or adds what `--set` says, such as `training.lr=1e-3`.
    ///
    /// The part after the sign is read as TOML; what is none, such as a bare word, is a text.
    ///
    /// - Throws: `ApusError` when the option is not built like this or its key is unknown.
    mutating func apply(override option: String) throws {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].filter { !$0.isWhitespace }
        guard parts.count == 2, !path.isEmpty, !parts[1].allSatisfy(\.isWhitespace) else {
            throw ApusError(
                .usage, place: "--set \(option)", problem: "a key, '=' and a value are needed",
                remedy: "write, for example, --set training.lr=1e-3")
        }
        let value = try overridingValue(parts[1], option: option)
        settings = settings.filter { $0.key != path && !$0.key.hasPrefix(path + ".") }
        add(value, at: path) { _ in .option(option) }
        for added in settings.keys.sorted() where added == path || added.hasPrefix(path + ".") {
            _ = try key(for: added)
        }
    }

    private func overridingValue(_ text: Substring, option: String) throws -> SettingValue {
        let text = text.drop(while: \.isWhitespace)
        do {
            let members = try SettingValue.members(ofTOML: "value = " + text)
            if let value = members["value"], members.count == 1 {
                // No key takes a date, so what looks like one is a name.
                if case .date = value { return .text(String(text)) }
                return value
            }
        } catch  where !["\"", "'", "[", "{"].contains(text.first) {
            return .text(String(text))
        } catch {
            throw ApusError(
                .usage, place: "--set \(option)", problem: "the value is not TOML, \(error.problem)")
        }
        return .text(String(text))
    }

    /// Adds a value, or the values in a table; an empty table is kept, so that its name is checked.
    private mutating func add(_ value: SettingValue, at path: String, origin: (String) -> Origin) {
        guard case .table(let members) = value, !members.isEmpty || path.isEmpty else {
            settings[path] = Setting(value: value, origin: origin(path))
            return
        }
        for (key, member) in members {
            add(member, at: path.isEmpty ? key : path + "." + key, origin: origin)
        }
    }

    /// An error at the place where a key is set.
    package func error(at path: String, _ problem: String, remedy: String? = nil) -> ApusError {
        switch settings[path]?.origin {
        case .option(let option):
            ApusError(.usage, place: "--set \(option)", problem: problem, remedy: remedy)
        case .line(let line?):
            ApusError(.configuration, file: file, place: "line \(line)", problem: problem, remedy: remedy)
        case .line(nil), nil:
            ApusError(.configuration, file: file, problem: problem, remedy: remedy)
        }
    }
}
