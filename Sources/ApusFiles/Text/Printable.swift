/// Text as it may stand in a message, a table or a page, whatever file it comes from.
///
/// Control characters (C0, DEL, C1: escape sequences, line feeds), invisible format characters (among them those that
/// turn the direction of text, and the byte order mark) and the separators of lines and paragraphs are written as Swift
/// writes them: `\n`, `\r`, `\t`, `\u{1b}`. All else stays, backslashes and the joiners of scripts (U+200C, U+200D)
/// too, so that text that went through once does not change again.
///
/// - Parameter keepingLines: Whether line feeds and tabs stay, for text of several lines.
public func printable(_ text: String, keepingLines: Bool = false) -> String {
    func isLayout(_ code: UInt32) -> Bool { keepingLines && (code == 0x0a || code == 0x09) }
    if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) || isLayout(UInt32($0)) }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.isPrintable || isLayout(scalar.value) {
            result.unicodeScalars.append(scalar)
            continue
        }
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        default: result += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
    return result
}

extension Unicode.Scalar {
    /// Whether the character shows as itself and changes nothing else on the line.
    var isPrintable: Bool {
        // Persian, Indian scripts and emoji need the joiners.
        if (0x20..<0x7f).contains(value) || value == 0x200c || value == 0x200d { return true }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
