import ApusChemistry
import ApusFiles
import ApusFormats

extension Dataset {
    /// The formats that can be written, by the end of the file's name.
    public enum OutputFormat: String, CaseIterable, Sendable {
        /// Extended XYZ.
        case extendedXYZ = "extxyz"
        /// NumPy arrays of one molecule, with the keys of MD17 and sGDML.
        case numpyArchive = "npz"
        /// A database of ASE, with SchNetPack's units in its metadata.
        case aseDatabase = "db"
        /// modelforge's curated HDF5, schema 2.
        case modelforge = "hdf5"

        /// The ends of names of files that can be written.
        public static let endings = [".extxyz", ".xyz", ".npz", ".db", ".hdf5", ".h5"]

        /// Chooses by the name of a file; standard output takes extended XYZ.
        ///
        /// - Throws: `ApusError` of kind `usage`.
        public init(_ target: OutputTarget) throws {
            switch target {
            case .file(let path): try self.init(path: path)
            case .standardOutput: self = .extendedXYZ
            }
        }

        /// Chooses by the name of a file.
        ///
        /// - Throws: `ApusError` of kind `usage`.
        public init(path: String) throws {
            let suffix = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
            let aliases = ["xyz": "extxyz", "h5": "hdf5"]
            guard let format = OutputFormat(rawValue: aliases[suffix] ?? suffix) else {
                throw ApusError(
                    .usage, file: path, problem: "the end of the name says no format that can be written",
                    remedy: "use .extxyz, .npz, .db or .hdf5")
            }
            self = format
        }
    }

    /// Writes the configurations to a file in a format, or to standard output, which takes extended XYZ alone.
    ///
    /// - Throws: `ApusError` when the format cannot hold the data, or writing fails.
    public func write(to target: OutputTarget, as format: OutputFormat) throws {
        switch target {
        case .file(let path): try write(to: path, as: format)
        case .standardOutput:
            guard format == .extendedXYZ else {
                throw ApusError(.usage, problem: "\(format.rawValue) cannot be written to standard output")
            }
            try write(to: target)
        }
    }

    /// Writes the configurations in a format, in the units of the data set, one after the other.
    ///
    /// Energies, positions and forces read back with the same bits. modelforge's files are in kJ/mol and nm, whatever
    /// the units of the data set: bits then stay if these are the same.
    ///
    /// - Throws: `ApusError` when the format cannot hold the data, or writing fails.
    public func write(to path: String, as format: OutputFormat) throws {
        switch format {
        case .extendedXYZ: try write(to: path)
        case .numpyArchive: try writeNumpyArchive(path)
        case .aseDatabase: try writeASEDatabase(path)
        case .modelforge: try writeModelforge(path)
        }
    }

    /// The labels that all configurations have; others cannot be kept in formats of whole arrays.
    private func commonLabels(_ positions: [Int]) -> [Property] {
        let candidates = positions.first.map { configurations[$0].labels.keys } ?? [:].keys
        return candidates.filter { property in
            positions.allSatisfy { configurations.hasLabel(property, $0) }
        }.sorted { $0.key < $1.key }
    }

    /// The lattice vectors of some configurations, zeros for none, and along which they repeat; nil where none has a cell.
    private func cells(_ positions: some Sequence<Int>) -> (vectors: [Double], periodic: [Int])? {
        let cells = positions.map { configurations[$0].system.cell }
        guard cells.contains(where: { $0 != nil }) else { return nil }
        return (
            cells.flatMap { ($0?.vectors ?? [.zero, .zero, .zero]).flatMap { [$0.x, $0.y, $0.z] } },
            cells.flatMap { ($0?.isPeriodicAlong ?? [false, false, false]).map { $0 ? 1 : 0 } }
        )
    }

    // MARK: npz

    private static let numpyNames: [Property: String] = [
        .energy: "E", .forces: "F", .dipole: "D", .charges: "Q", .totalCharge: "total_charge",
        .spinMultiplicity: "spin_multiplicity", .quadrupole: "quadrupole",
    ]

    private func writeNumpyArchive(_ path: String) throws {
        let first = configurations[0]
        let atoms = first.system.count
        if let other = configurations.first(where: { $0.system.numbers != first.system.numbers }) {
            throw other.place.error(
                "an npz file holds configurations of the same atoms, but this one has others than the first",
                remedy: "select one molecule, or choose .extxyz, .db or .hdf5")
        }
        var archive = NumpyArchiveWriter()
        archive.add("type", "d")
        archive.add("name", first.record)
        archive.add("r_unit", units.length.spelling)
        archive.add("e_unit", units.energy.spelling)
        archive.add("z", first.system.numbers, shape: [atoms])
        archive.add(
            "R", configurations.flatMap { $0.system.positions.flatMap { [$0.x, $0.y, $0.z] } },
            shape: [count, atoms, 3])
        if let (vectors, periodic) = cells(configurations.indices) {
            archive.add("cell", vectors, shape: [count, 3, 3])
            archive.add("pbc", periodic, shape: [count, 3])
        }
        for property in commonLabels(Array(configurations.indices)) {
            let values = configurations.indices.flatMap { configurations.label(property, $0) ?? [] }
            archive.add(
                Dataset.numpyNames[property] ?? property.key, values,
                shape: property.shape(count: count, atoms: atoms))
        }
        try configurations.requireUnchanged()
        try archive.write(to: path)
    }

    // MARK: ASE database

    private func writeASEDatabase(_ path: String) throws {
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

    // MARK: modelforge

    private static let modelforgeNames: [Property: (name: String, type: String, unit: String)] = [
        .positions: ("positions", "length", "nanometer"), .energy: ("energies", "energy", "kilojoule_per_mole"),
        .forces: ("forces", "force", "kilojoule_per_mole / nanometer"),
        .charges: ("partial_charges", "charge", "elementary_charge"),
        .totalCharge: ("total_charge", "charge", "elementary_charge"),
        .dipole: ("dipole_moment_per_system", "dipole_moment", "elementary_charge * nanometer"),
        .quadrupole: ("quadrupole_moment_per_system", "quadrupole_moment", "elementary_charge * nanometer ** 2"),
        .spinMultiplicity: ("spin_multiplicities_per_system", "dimensionless", "dimensionless"),
        .atomicSpinMultiplicities: ("spin_multiplicities_per_atom", "dimensionless", "dimensionless"),
        .atomicEnergies: ("atomic_energies", "energy", "kilojoule_per_mole"),
        .stress: ("stress", "stress", "kilojoule_per_mole / nanometer ** 3"),
    ]

    private func writeModelforge(_ path: String) throws {
        let writer = try HDF5Writer(path)
        let target = UnitSystem.kilojoulePerMoleNanometer
        for (name, members) in records {
            let group = "/" + name.replacing("/", with: "_")
            let numbers = configurations[members[0]].system.numbers
            if let other = members.first(where: { configurations[$0].system.numbers != numbers }) {
                throw configurations.place(other).error(
                    "the molecule '\(name)' has other atoms here than before",
                    remedy: "give molecules of different atoms different names")
            }
            try writer.group(group)
            try writer.write(
                group + "/atomic_numbers", numbers, shape: [numbers.count, 1],
                attributes: ["format": "atomic_numbers", "property_type": "atomic_numbers"])
            if let (vectors, periodic) = cells(members) {
                let factor = try units.length.factor(to: target.length)
                try writer.write(
                    group + "/cell", factor == 1 ? vectors : vectors.map { $0 * factor }, shape: [members.count, 3, 3],
                    attributes: ["u": "nanometer", "format": "per_system", "property_type": "length"])
                try writer.write(
                    group + "/pbc", periodic, shape: [members.count, 3],
                    attributes: ["u": "dimensionless", "format": "per_system", "property_type": "meta_data"])
            }
            try writer.write(group + "/n_configs", [members.count], shape: [], attributes: ["format": "meta_data"])
            for property in [Property.positions] + commonLabels(members) {
                let known = Dataset.modelforgeNames[property]
                let unit = target.unit(of: property)
                let factor = try units.unit(of: property).factor(to: unit)
                let values = members.flatMap { member in
                    property == .positions
                        ? configurations[member].system.positions.flatMap { [$0.x, $0.y, $0.z] }
                        : configurations.label(property, member) ?? []
                }
                var shape = property.shape(count: members.count, atoms: numbers.count)
                if property.components == 1 { shape.append(1) }
                try writer.write(
                    "\(group)/\(known?.name ?? property.key)", factor == 1 ? values : values.map { $0 * factor },
                    shape: shape,
                    attributes: [
                        "u": known?.unit ?? (property.dimension == .dimensionless ? "dimensionless" : unit.spelling),
                        "format": property.owner == .atom ? "per_atom" : "per_system",
                        "property_type": known?.type ?? "meta_data",
                    ])
            }
        }
        try configurations.requireUnchanged()
        try writer.finish()
    }
}
