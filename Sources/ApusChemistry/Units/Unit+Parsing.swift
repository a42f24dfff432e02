extension Unit {
    /// Reads a unit, such as `kJ/mol/nm`, `kilojoule_per_mole / nanometer` or `e*angstrom`.
    ///
    /// - Throws: ``UnitError/unknownUnit(_:in:)`` or ``UnitError/malformedUnit(_:problem:)``.
    public init(_ text: String) throws(UnitError) {
        var parser = UnitParser(text)
        self.init(spelling: parser.spelling, exponents: try parser.parse())
    }
}

/// A recursive-descent parser of products of powers of units.
///
///     product = power { [ "*" | "·" | "/" | "_per_" | " per " ] power }
///     power   = ( name | "1" | "(" product ")" ) [ ("^" | "**") ["-"] digits ]
///
/// A missing sign means a product, as in `kJ mol^-1 nm^-1`, but not after a "/": `kJ/mol nm` could mean either.
private struct UnitParser {
    let spelling: String
    private let tokens: [String]
    private var next = 0
    private var depth = 0

    /// Bounds that keep a hostile text from overflowing the stack or an exponent.
    private static let deepest = 16
    private static let largestExponent = 12

    init(_ text: String) {
        spelling = text.trimmingWhitespace()
        tokens = UnitParser.tokens(of: spelling)
    }

    /// Splits a text into names, numbers and signs; `per` and `**` become `/` and `^`.
    private static func tokens(of text: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        func isPartOfWord(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || character == "_"
        }
        func appendWord() {
            for (index, part) in word.splitAtPer().enumerated() {
                if index > 0 { tokens.append("/") }
                if !part.isEmpty { tokens.append(part == "per" ? "/" : part) }
            }
            word = ""
        }
        for character in text {
            if isPartOfWord(character) {
                word.append(character)
                continue
            }
            appendWord()
            if character.isWhitespace { continue }
            switch character {
            case "*" where tokens.last == "*": tokens[tokens.count - 1] = "^"
            case "·", "⋅": tokens.append("*")
            default: tokens.append(String(character))
            }
        }
        appendWord()
        return tokens
    }

    mutating func parse() throws(UnitError) -> [Int] {
        guard !tokens.isEmpty else { throw malformed("it is empty") }
        let exponents = try product()
        guard next == tokens.count else { throw malformed("\"\(tokens[next])\" is not expected there") }
        return exponents
    }

    private mutating func product() throws(UnitError) -> [Int] {
        var result = try power()
        var hasDivided = false
        while next < tokens.count, tokens[next] != ")", tokens[next] != "^" {
            let divides = tokens[next] == "/"
            if divides || tokens[next] == "*" {
                next += 1
            } else if hasDivided {
                throw malformed("\"*\" or \"/\" is missing before \"\(tokens[next])\"")
            }
            hasDivided = hasDivided || divides
            let factor = try power()
            result = try combine(result, factor, times: divides ? -1 : 1)
        }
        return result
    }

    private mutating func power() throws(UnitError) -> [Int] {
        let base = try atom()
        guard next < tokens.count, tokens[next] == "^" else { return base }
        next += 1
        var sign = 1
        if next < tokens.count, tokens[next] == "-" {
            sign = -1
            next += 1
        }
        guard next < tokens.count, let exponent = Int(tokens[next]) else {
            throw malformed("a whole number must follow \"^\"")
        }
        next += 1
        guard exponent <= UnitParser.largestExponent else { throw malformed("the exponent \(exponent) is too large") }
        return try combine(base.map { _ in 0 }, base, times: sign * exponent)
    }

    private mutating func atom() throws(UnitError) -> [Int] {
        guard next < tokens.count else { throw malformed("something is missing at its end") }
        let token = tokens[next]
        next += 1
        var exponents = [Int](repeating: 0, count: ElementaryUnit.all.count)
        if token == "(" {
            depth += 1
            guard depth <= UnitParser.deepest else { throw malformed("its parentheses are too deep") }
            exponents = try product()
            guard next < tokens.count, tokens[next] == ")" else { throw malformed("a \")\" is missing") }
            next += 1
            depth -= 1
        } else if let position = ElementaryUnit.position(of: token) {
            exponents[position] = 1
        } else if token != "1", token != "dimensionless" {
            guard let first = token.first, first.isLetter || first == "_" else {
                throw malformed("\"\(token)\" is not expected there")
            }
            throw UnitError.unknownUnit(token, in: spelling)
        }
        return exponents
    }

    private func combine(_ left: [Int], _ right: [Int], times exponent: Int) throws(UnitError) -> [Int] {
        let result = zip(left, right).map { $0 + exponent * $1 }
        if let large = result.first(where: { abs($0) > UnitParser.largestExponent }) {
            throw malformed("the exponent \(large) is too large")
        }
        return result
    }

    private func malformed(_ problem: String) -> UnitError {
        .malformedUnit(spelling, problem: problem)
    }
}

extension String {
    func trimmingWhitespace() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }

    /// Splits `kilojoule_per_mole` into `kilojoule` and `mole`.
    fileprivate func splitAtPer() -> [String] {
        var parts: [[Substring]] = [[]]
        for word in split(separator: "_", omittingEmptySubsequences: false) {
            if word == "per", parts != [[]] { parts.append([]) } else { parts[parts.count - 1].append(word) }
        }
        return parts.map { $0.joined(separator: "_") }
    }
}
