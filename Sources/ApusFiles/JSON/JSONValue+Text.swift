extension JSONValue: CustomStringConvertible {
    /// The compact JSON text, with sorted keys, so that equal values give equal bytes.
    ///
    /// Characters that do not show, such as controls, are escaped. Reals have the shortest form that reads back equal.
    public var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .logical(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .real(let value):
            text += value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.isPrintable: text.unicodeScalars.append(scalar)
            default:
                for unit in scalar.utf16 {
                    let code = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - code.count) + code
                }
            }
        }
        text += "\""
    }
}
