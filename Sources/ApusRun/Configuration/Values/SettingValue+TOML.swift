import TOMLKit

/// Where and why a text is no TOML; line and column count from 1.
package struct TOMLSyntaxError: Error, Equatable {
    package let line: Int
    package let column: Int
    package let problem: String
}

extension SettingValue {
    /// Reads a TOML document; the only place that knows the parser.
    package static func members(ofTOML text: String) throws(TOMLSyntaxError) -> [String: SettingValue] {
        // The parser takes a C string and would stop at the first zero byte without a word.
        if let zero = text.utf8.firstIndex(of: 0) {
            let before = text.utf8[..<zero]
            let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
            let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
            throw TOMLSyntaxError(line: line, column: column, problem: "a zero byte is not allowed")
        }
        try TOMLLines.requireShallowKeys(text)
        try TOMLLines.requireSoundBrackets(text)
        do {
            return members(of: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            throw TOMLSyntaxError(
                line: error.source.begin.line, column: error.source.begin.column,
                problem: error.description.lowercasingFirstLetter())
        } catch {
            throw TOMLSyntaxError(line: 1, column: 1, problem: "\(error)")
        }
    }

    private static func members(of table: TOMLTable) -> [String: SettingValue] {
        var members: [String: SettingValue] = [:]
        for (key, value) in table { members[key] = SettingValue(value) }
        return members
    }

    private init(_ value: any TOMLValueConvertible) {
        switch value.type {
        case .string: self = .text(value.string ?? "")
        case .int: self = .integer(value.int ?? 0)
        case .double: self = .real(value.double ?? 0)
        case .bool: self = .flag(value.bool ?? false)
        case .array: self = .list(value.array.map { $0.map(SettingValue.init) } ?? [])
        case .table: self = .table(value.table.map(SettingValue.members) ?? [:])
        case .date, .time, .dateTime: self = .date(value.debugDescription)
        }
    }
}

extension String {
    fileprivate func lowercasingFirstLetter() -> String {
        prefix(1).lowercased() + dropFirst()
    }
}
