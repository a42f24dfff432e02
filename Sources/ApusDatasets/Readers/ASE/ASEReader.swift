import ApusChemistry
import ApusFiles

/// A file in which ASE stores atoms, row by row.
protocol ASERows: AnyObject {
    /// The name of the format.
    var format: String { get }
    /// What is said about all rows.
    var metadata: [String: JSONValue] { get }
    /// The next row; nil after the last.
    func next() throws -> ASERow?
}

/// Reads the databases and trajectories of ASE, in which SchNetPack keeps its data too.
///
/// Labels are looked for in further data, in key-value pairs, and in the results of the calculator. Units stand in
/// SchNetPack's metadata; the results of the calculator are in eV and Å, and so are positions. Constraints become the
/// mask of the forces. The metadata and the first hundred rows tell what there is.
/// Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017), doi:10.1088/1361-648X/aa680e.
final class ASEReader: ConfigurationReader {
    let units: SourceUnits
    let selfEnergies: [Int: Double]?
    private let rows: any ASERows
    private let options: ReadingOptions
    private let keys: ArrayKeys
    /// The first rows, as far as they have not been handed out.
    private var ahead: ArraySlice<ASERow>
    private var count = 0
    private var counts: [Property: Int] = [:]
    private let notes = ReadingNotes()

    private static let constraintsKey = "constraints"
    private static let rowsAhead = 100

    static let usualKeys: [Property: [String]] = [
        .energy: ["energy", "energy_U0", "total_energy"], .forces: ["forces", "atomic_forces"], .stress: ["stress"],
        .virial: ["virial", "virials"],
        .totalCharge: ["total_charge", "charge"], .dipole: ["dipole", "dipole_moment"],
        .quadrupole: ["quadrupole", "quadrupole_moment"], .charges: ["charges", "partial_charges"],
        .forceMask: ["force_mask", "move_mask"],
        .configurationWeight: ["config_weight"], .spinMultiplicity: ["spin_multiplicity", "multiplicity", "mult"],
        .atomicSpinMultiplicities: ["per_atom_spin_multiplicity"], .atomicEnergies: ["atomic_energies"],
    ]

    init(_ rows: any ASERows, path: String, options: ReadingOptions) throws {
        (self.rows, self.options) = (rows, options)
        var some: [ASERow] = []
        while some.count < Self.rowsAhead, let row = try rows.next() { some.append(row) }
        guard let noun = some.first?.noun else {
            throw ApusError(
                .data, file: path, problem: "there is no configuration", remedy: "check that the file is complete")
        }
        ahead = some[...]
        let unitTexts = rows.metadata["_property_unit_dict"]?.object ?? [:]
        // What SchNetPack's metadata name may come in later rows alone.
        let all = Set(some.flatMap(\.arrays.keys)).union(unitTexts.keys).union([Self.constraintsKey]).sorted()
        let usual = Self.usualKeys.map { property, names in
            let isThere = { (name: String) in
                unitTexts[name] != nil || some.contains { $0.has(name, for: property) }
            }
            let present = names.filter(isThere)
            return (property, present.isEmpty ? property.keys(named: names, among: all).filter(isThere) : present)
        }
        var choices = Dictionary(uniqueKeysWithValues: usual)
        // ASE's own energy beside the one that the user stored is the same, or of another method.
        choices[.energy] = choices[.energy]?.first.map { [$0] }
        // SchNetPack's databases hold 0 where the multiplicity is not known.
        choices[.spinMultiplicity]?.removeAll { name in some.allSatisfy { $0.arrays[name]?.values.first ?? 0 < 1 } }
        // Later rows may have constraints, also where the first has none.
        if choices[.forceMask]?.isEmpty ?? true { choices[.forceMask] = [Self.constraintsKey] }
        keys = try ArrayKeys(all, usual: choices, options: options, file: path)

        var statements: [Property: SourceUnits.Statement] = [:]
        for property in keys.labels {
            guard let text = unitTexts[keys[property] ?? ""]?.string, let unit = Self.unitText(text) else { continue }
            statements[property] = SourceUnits.Statement(
                key: "_property_unit_dict.\(keys[property] ?? "")", text: unit, place: "metadata")
        }
        statements.merge(SourceUnits.statements(inNamesOf: keys.keys, except: [:], options)) { stated, _ in stated }
        var length: [Dimension: SourceUnits.Statement] = [:]
        if let text = rows.metadata["_distance_unit"]?.string, let unit = Self.unitText(text) {
            length[.length] = SourceUnits.Statement(key: "_distance_unit", text: unit, place: "metadata")
        } else if options.sourceUnits[.length] == nil {
            length[.length] = SourceUnits.Statement(
                key: "positions", text: "angstrom", place: "\(noun) 'positions'")
        }
        let isCalculated = keys[.energy].map { key in some.contains { $0.calculatorKeys.contains(key) } } ?? true
        units = try SourceUnits(
            statements: length, propertyStatements: statements, options: options,
            convention: isCalculated ? ("ASE convention", .electronvoltAngstrom) : nil, file: path)
        selfEnergies = try keys[.energy].flatMap { key in
            try Self.references(rows.metadata["atomrefs"]?[key], key: key, file: path)
        }
    }

    /// SchNetPack's spelling of a unit in ours; nil for a pure number.
    private static func unitText(_ text: String) -> String? {
        if text.isEmpty || Double(text) != nil { return nil }
        return text == "eAng" ? "e*Ang" : text
    }

    /// The energies of single atoms, by atomic number; a list of zeros says nothing.
    private static func references(_ value: JSONValue?, key: String, file: String) throws -> [Int: Double]? {
        var energies: [Int: Double] = [:]
        for (number, entry) in (value?.array ?? []).enumerated() {
            guard let energy = entry.real ?? entry.array?.first?.real, energy != 0 else { continue }
            guard energy.isFinite else {
                throw ApusError(
                    .data, file: file, place: "metadata", problem: "atomrefs.\(key)[\(number)] is \(energy)",
                    remedy: "energies of atoms must be finite")
            }
            if Element.atomicNumbers.contains(number) { energies[number] = energy }
        }
        return energies.isEmpty ? nil : energies
    }

    func next() throws -> SourceFrame? {
        guard let row = try ahead.popFirst() ?? rows.next() else { return nil }
        count += 1
        for (property, names) in Self.usualKeys where keys[property] == nil && options.looksFor(property) {
            guard options.assignment[property] == nil,
                let key = names.first(where: { row.has($0, for: property) })
            else { continue }
            notes.add(
                "the \(property.name) '\(key)' is not read, because none of the first \(Self.rowsAhead) configurations "
                    + "has it: put one that has it first")
        }
        var frame = try row.frame()
        for property in keys.labels {
            let key = keys[property] ?? ""
            if property == .forceMask, key == Self.constraintsKey {
                frame.labels[property] = try row.forceMask(notes)
                counts[property, default: 0] += frame.labels[property] == nil ? 0 : 1
                continue
            }
            guard let array = row.arrays[key] else { continue }
            counts[property, default: 0] += 1
            let width = property.count(atoms: row.numbers.count)
            guard property.accepts(array.values.count, atoms: row.numbers.count) else {
                let reason = row.place.error(
                    "the \(property.name) '\(key)' must be \(width) numbers, but its shape is \(array.shape)",
                    remedy: "correct the row, or choose another key with --assign or dataset.properties_assignment")
                guard !options.needs(property) else { throw reason }
                frame.leftOut[property] = reason
                continue
            }
            frame.labels[property] = property.expanded(array.values)
        }
        return frame
    }

    var interpretation: Interpretation {
        var entries = [
            units.entry(.atomicNumbers, key: "numbers", count: count),
            units.entry(.positions, key: "positions", count: count),
        ]
        entries += keys.labels.compactMap { property in
            let count = counts[property, default: 0]
            return count == 0 ? nil : units.entry(property, key: keys[property] ?? "", count: count)
        }
        return Interpretation(
            format: rows.format, count: count, entries: entries,
            unusedKeys: keys.unused(except: ["id", Self.constraintsKey]), notes: notes.lines)
    }
}
