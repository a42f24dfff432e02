import ApusChemistry

/// The unit that the name of a key ends with, as `energy_U0_Ha`, `forces_kcal_mol_A` and `E [eV]` do; nil without one of
/// the dimension.
func statedUnit(inName name: String, _ dimension: Dimension) -> Unit? {
    func parsed(_ text: some StringProtocol) -> Unit? {
        guard let unit = try? Unit(String(text)), unit.dimension == dimension else { return nil }
        return unit
    }
    for (open, close) in [("[", "]"), ("(", ")")] {
        guard let start = name.firstIndex(of: Character(open)), name.hasSuffix(close) else { continue }
        return parsed(name[name.index(after: start)...].dropLast())
    }
    let words = name.split(separator: "_")
    for count in [3, 2, 1] where words.count > count {
        let suffix = words.suffix(count)
        if let unit = parsed(suffix.joined(separator: "/")) { return unit }
    }
    return nil
}

extension SourceUnits {
    /// What the names of keys say about units, where neither the user nor the file does.
    static func statements(
        inNamesOf keys: [Property: String], except stated: [Dimension: Statement], _ options: ReadingOptions
    ) -> [Property: Statement] {
        var statements: [Property: Statement] = [:]
        for (property, key) in keys where property.dimension != .dimensionless {
            guard stated[property.dimension] == nil, options.sourceUnits[property.dimension] == nil,
                let unit = statedUnit(inName: key, property.dimension)
            else { continue }
            statements[property] = Statement(key: key, text: unit.spelling, place: "'\(key)'")
        }
        return statements
    }
}
