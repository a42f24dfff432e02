/// A value of a configuration file: what TOML can say, free of its spelling.
package enum SettingValue: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case real(Double)
    case flag(Bool)
    /// A date or time, which no key takes.
    case date(String)
    case list([SettingValue])
    case table([String: SettingValue])

    /// The value as TOML writes it; reading it gives the same value.
    package var toml: String {
        switch self {
        case .text(let text): "\"" + text.unicodeScalars.map(escaped).joined() + "\""
        case .integer(let number): String(number)
        case .real(let number): "\(number)"
        case .flag(let flag): String(flag)
        case .date(let text): text
        case .list(let values): "[" + values.map(\.toml).joined(separator: ", ") + "]"
        case .table(let members):
            "{" + members.map { "\($0.key) = \($0.value.toml)" }.sorted().joined(separator: ", ") + "}"
        }
    }

    /// The value for a sentence: short enough to be quoted.
    package var found: String {
        let limit = 60
        switch self {
        case .table: return "a table"
        case .list where toml.count > limit: return "a long list"
        default: return toml.count > limit ? toml.prefix(limit) + "…" : toml
        }
    }
}

private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    case "\0"..."\u{1f}", "\u{7f}":
        let code = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - code.count) + code
    default: return String(scalar)
    }
}
