import ApusFiles
import ApusSystem

/// A piece of HTML or SVG whose tags are closed and whose texts are escaped.
struct Markup: Sendable, Equatable {
    /// The characters of the document.
    let source: String

    /// Text in which no character has a meaning.
    static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

    /// One piece after the other.
    static func joined(_ pieces: [Markup]) -> Markup { Markup(source: pieces.map(\.source).joined()) }

    /// An element with attributes in order.
    static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [Markup] = [])
        -> Markup
    {
        let settings = attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
        guard !content.isEmpty else {
            // Browsers take no short form of elements that could have content, except within SVG.
            return Markup(source: hasShortForm(name) ? "<\(name)\(settings)/>" : "<\(name)\(settings)></\(name)>")
        }
        return Markup(source: "<\(name)\(settings)>" + content.map(\.source).joined() + "</\(name)>")
    }

    /// An element that holds a text.
    static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String) -> Markup {
        element(name, attributes, [.text(text)])
    }

    private static func hasShortForm(_ name: String) -> Bool {
        ["meta", "path", "line", "rect", "circle", "stop"].contains(name)
    }
}

/// The text with characters that have a meaning in HTML replaced, and those that do not show written as escapes.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in printable(text, keepingLines: true).unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// A coordinate of a drawing, to a tenth of a pixel; far outside where it is too large.
///
/// - Precondition: It is a number.
func coordinate(_ value: Double) -> String {
    require(!value.isNaN, "a coordinate must be a number")
    let tenths = Int((max(-1e5, min(1e5, value)) * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
}
