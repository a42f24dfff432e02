import ApusChemistry
import ApusFiles
import ApusFormats

extension Dataset {
    /// Writes a database of ASE, with SchNetPack's units in its metadata.
    func writeASEDatabase(_ path: String) throws {
        let file = try PendingFile(path)
        let database = try SQLiteDatabase(creating: file)
        try database.run("BEGIN")
        for statement in aseTables { try database.run(statement) }
        let names = Dataset.aseNames
        var unitTexts: [String: JSONValue] = [:]
        let row = try database.prepare(
            "INSERT INTO systems (unique_id, ctime, mtime, username, numbers, positions, cell, pbc, key_value_pairs, "
                + "data, natoms) VALUES (?, 0, 0, 'apus', ?, ?, ?, ?, ?, ?, ?)")
        for (index, configuration) in configurations.enumerated() {
            let system = configuration.system
            for property in configuration.labels.keys {
                let unit = property.dimension == .dimensionless ? "" : asePlain(units.unit(of: property))
                unitTexts[names[property] ?? property.key] = .string(unit)
            }
            let cell = system.cell?.vectors ?? [.zero, .zero, .zero]
            let mask = (system.cell?.isPeriodicAlong ?? []).enumerated().reduce(0) {
                $0 | ($1.element ? 1 << $1.offset : 0)
            }
            try row.run([
                .text(String(index + 1)), .blob(system.numbers.flatMap { bytes(Int32($0)) }),
                .blob(system.positions.flatMap { bytes($0.x) + bytes($0.y) + bytes($0.z) }),
                .blob(cell.flatMap { bytes($0.x) + bytes($0.y) + bytes($0.z) }), .integer(mask),
                .text(JSONValue.object(["name": .string(configuration.record)]).description),
                .blob(aseData(configuration)), .integer(system.count),
            ])
        }
        let metadata = JSONValue.object([
            "_property_unit_dict": .object(unitTexts), "_distance_unit": .string(asePlain(units.length)),
            "atomrefs": .object([:]),
        ])
        try database.prepare("INSERT INTO information VALUES ('metadata', ?)").run([.text(metadata.description)])
        try database.run("COMMIT")
        try configurations.requireUnchanged()
        try file.commit()
    }

    private static let aseNames: [Property: String] = [
        .energy: "energy", .forces: "forces", .totalCharge: "total_charge", .dipole: "dipole_moment",
        .quadrupole: "quadrupole_moment", .charges: "partial_charges", .spinMultiplicity: "spin_multiplicity",
        .stress: "stress",
    ]

    private var aseTables: [String] {
        [
            "CREATE TABLE systems (id INTEGER PRIMARY KEY AUTOINCREMENT, unique_id TEXT UNIQUE, ctime REAL, mtime REAL, "
                + "username TEXT, numbers BLOB, positions BLOB, cell BLOB, pbc INTEGER, initial_magmoms BLOB, "
                + "initial_charges BLOB, masses BLOB, tags BLOB, momenta BLOB, constraints TEXT, calculator TEXT, "
                + "calculator_parameters TEXT, energy REAL, free_energy REAL, forces BLOB, stress BLOB, dipole BLOB, "
                + "magmoms BLOB, magmom REAL, charges BLOB, key_value_pairs TEXT, data BLOB, natoms INTEGER, fmax REAL, "
                + "smax REAL, volume REAL, mass REAL, charge REAL)",
            "CREATE TABLE species (Z INTEGER, n INTEGER, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
            "CREATE TABLE keys (key TEXT, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
            "CREATE TABLE text_key_values (key TEXT, value TEXT, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
            "CREATE TABLE number_key_values (key TEXT, value REAL, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
            "CREATE TABLE information (name TEXT, value TEXT)",
            "INSERT INTO information VALUES ('version', '9')",
            "CREATE INDEX unique_id_index ON systems(unique_id)",
        ]
    }

    /// The symbol of a unit as ASE's units module spells it, where SchNetPack looks it up.
    private func asePlain(_ unit: Unit) -> String {
        unit.symbol.replacing("Å", with: "Ang").replacing("·", with: "*")
    }

    private func aseData(_ configuration: Configuration) -> [UInt8] {
        var arrays: [UInt8] = []
        var entries: [String: JSONValue] = [:]
        for (property, values) in configuration.labels {
            // SchNetPack keeps a scalar as an array of one.
            let shape =
                (property.owner == .atom ? [configuration.system.count] : [])
                + (property.components == 1
                    ? (property.owner == .atom ? [] : [1]) : property.components == 9 ? [3, 3] : [3])
            entries[Dataset.aseNames[property] ?? property.key] = .object([
                "__ndarray__": .array([
                    .array(shape.map { .integer($0) }), .string("float64"), .integer(8 + arrays.count),
                ])
            ])
            for value in values { arrays += bytes(value) }
        }
        return bytes(Int64(8 + arrays.count)) + arrays + Array(JSONValue.object(entries).description.utf8)
    }

    private func bytes(_ value: some BitwiseCopyable) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}
