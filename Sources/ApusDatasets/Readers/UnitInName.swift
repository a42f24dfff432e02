import ApusChemistry

/// The name and the unit that a key such as `energy_U0_Ha`, `forces_kcal_mol_A` or `E [eV]` consists of; nil for a key
/// without a unit of the dimension behind a name.
func nameAndUnit(of key: String, _ dimension: Dimension) -> (name: String, unit: Unit)? {
    func parsed(_ text: some StringProtocol) -> Unit? {
        guard let unit = try? Unit(String(text)), unit.dimension == dimension else { return nil }
        return unit
    }
    for (open, close) in [("[", "]"), ("(", ")")] {
        guard let start = key.firstIndex(of: Character(open)), key.hasSuffix(close) else { continue }
        let name = key[..<start].reversed().drop { $0 == " " || $0 == "_" }.reversed()
        return parsed(key[key.index(after: start)...].dropLast()).map { (String(name), $0) }
    }
    let words = key.split(separator: "_")
    for count in [3, 2, 1] where words.count > count {
        guard let unit = parsed(words.suffix(count).joined(separator: "/")) else { continue }
        return (words.dropLast(count).joined(separator: "_"), unit)
    }
    return nil
}

extension Property {
    /// Those of some keys that have a usual name of the property; where none has, those that have one with a unit behind,
    /// as `stress_GPa`.
    func keys(named usual: [String], among keys: [String]) -> [String] {
        let present = Set(keys)
        let found = usual.filter(present.contains)
        guard found.isEmpty, dimension != .dimensionless else { return found }
        let names = Set(usual)
        return keys.filter { key in nameAndUnit(of: key, dimension).map { names.contains($0.name) } ?? false }
    }
}

extension SourceUnits {
    /// What the names of keys say about units, where neither the user nor the file does.
    static func statements(
        inNamesOf keys: [Property: String], except stated: [Dimension: Statement], _ options: ReadingOptions
    ) -> [Property: Statement] {
        var statements: [Property: Statement] = [:]
        for (property, key) in keys where property.dimension != .dimensionless {
            guard stated[property.dimension] == nil, options.sourceUnits[property.dimension] == nil,
                let unit = nameAndUnit(of: key, property.dimension)?.unit
            else { continue }
            statements[property] = Statement(key: key, text: unit.spelling, place: "'\(key)'")
        }
        return statements
    }
}
