import ApusFiles
import ApusPotentials

/// How training treats the parameters with certain names, whatever the layers that declare them say.
public struct ParameterRule: Sendable, Equatable {
    /// The name of a parameter or of a group, such as `interactions.0`; `*` stands for any characters.
    public let pattern: String
    /// What becomes of them.
    public let treatment: Treatment

    /// What can become of parameters.
    public enum Treatment: Sendable, Equatable {
        /// They stay as they are.
        case frozen
        /// Their learning rate is multiplied by a factor ≥ 0.
        case rateFactor(Double)
    }

    /// A rule for the parameters that match a pattern.
    public init(_ pattern: String, _ treatment: Treatment) { (self.pattern, self.treatment) = (pattern, treatment) }

    /// Whether the pattern is that of a parameter, or of a group that it is in.
    public func matches(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.indices.contains { Self.matches(parts[...$0].joined(separator: ".")[...], pattern[...]) }
    }

    private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1 else { return text == pattern }
        guard text.hasPrefix(pieces[0]) else { return false }
        var rest = text.dropFirst(pieces[0].count)
        // The first place where a piece fits leaves most for the others.
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let place = rest.firstRange(of: piece) else { return false }
            rest = rest[place.upperBound...]
        }
        return rest.hasSuffix(pieces[pieces.count - 1])
    }
}

extension TrainingSettings {
    /// Parameters with the groups that the rules leave them in; of several rates for one, the last counts.
    ///
    /// - Throws: an `ApusError` when a rule matches no parameter, or when all are frozen.
    public func grouped(_ declarations: [ParameterDeclaration]) throws -> [ParameterDeclaration] {
        var declarations = declarations
        for rule in parameterRules {
            let matching = declarations.indices.filter { rule.matches(declarations[$0].name) }
            guard !matching.isEmpty else {
                let key = rule.treatment == .frozen ? "frozen_parameters" : "rate_factors"
                throw ApusError(
                    .configuration, problem: "no parameter matches '\(rule.pattern)' of training.\(key)",
                    remedy: "name some of " + declarations.map(\.name).joined(separator: ", "))
            }
            for k in matching {
                switch rule.treatment {
                case .frozen: declarations[k].group.isTrainable = false
                case .rateFactor(let factor): declarations[k].group.rateFactor = factor
                }
            }
        }
        guard parameterRules.isEmpty || declarations.contains(where: \.group.isTrainable) else {
            throw ApusError(
                .configuration, problem: "training.frozen_parameters freezes all parameters",
                remedy: "leave out some of " + declarations.map(\.name).joined(separator: ", "))
        }
        let isTrained = declarations.contains { $0.group.isTrainable && $0.group.rateFactor != 0 }
        guard parameterRules.isEmpty || isTrained else {
            throw ApusError(
                .configuration, problem: "training.rate_factors leaves no parameter that is trained",
                remedy: "give some of them a factor above 0")
        }
        return declarations
    }
}
