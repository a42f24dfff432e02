/// A choice of a configuration that is open: what can be chosen stands in a registry, and the name says all.
package protocol Named: Hashable, Sendable {
    /// What a configuration calls it.
    var name: String { get }
}

extension Named {
    /// Whether both have the same name.
    package static func == (a: Self, b: Self) -> Bool { a.name == b.name }

    /// Hashes the name.
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension ValueKind where Value: Named {
    /// One of some choices, in upper or lower case.
    ///
    /// - Parameter planned: Names that modelforge knows and this version does not.
    static func choice(among choices: [Value], planned: [String] = []) -> ValueKind {
        ValueKind<String>.name(among: choices.map(\.name), planned: planned)
            .mapped({ name in choices.first { $0.name == name }! }, { $0.name })
    }
}
