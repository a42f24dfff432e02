import ApusChemistry
import ApusFiles

/// Reads the SQLite databases of ASE, in which SchNetPack keeps its data too.
///
/// Labels are looked for in `data`, in the key-value pairs, and in the columns of the calculator. Units stand in
/// SchNetPack's metadata; the columns of the calculator are in eV and Å, and so are positions.
/// Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017), doi:10.1088/1361-648X/aa680e.
final class ASEDatabaseReader: ConfigurationReader {
    let units: SourceUnits
    let selfEnergies: [Int: Double]?
    private let path: String
    private let options: ReadingOptions
    private let database: SQLiteDatabase
    private let rows: SQLiteStatement
    private let columns: [String]
    private let keys: ArrayKeys
    private var count = 0
    private var counts: [Property: Int] = [:]

    static let usualKeys: [Property: [String]] = [
        .energy: ["energy", "energy_U0", "total_energy"], .forces: ["forces", "atomic_forces"],
        .totalCharge: ["total_charge"], .dipole: ["dipole", "dipole_moment"],
        .quadrupole: ["quadrupole", "quadrupole_moment"], .charges: ["charges", "partial_charges"],
    ]

    init(path: String, options: ReadingOptions) throws {
        (self.path, self.options) = (path, options)
        database = try SQLiteDatabase(reading: path)
        columns = try database.hasTable("systems") ? Self.columns(of: database) : []
        for name in ["id", "numbers", "positions"] where !columns.contains(name) {
            throw ApusError(
                .data, file: path, problem: "this database has no table 'systems' with '\(name)', as ASE writes it",
                remedy: "name a database of ASE")
        }
        let wanted = Self.wantedColumns.filter(columns.contains)
        let list = wanted.map { "\"\($0)\"" }.joined(separator: ", ")
        rows = try database.prepare("SELECT \(list) FROM systems ORDER BY id")
        let metadata = try Self.metadata(of: database)

        // The first row tells what there is.
        let first = try database.prepare("SELECT \(list) FROM systems ORDER BY id LIMIT 1")
        guard try first.step() else { throw ApusError(.data, file: path, problem: "the database has no row") }
        let row = try ASERow(first, columns: wanted, file: path, number: 1)
        let atoms = row.numbers.count
        let usual = Self.usualKeys.map { property, names in
            (property, names.filter { row.arrays[$0].map { property.count(atoms: atoms) == $0.values.count } ?? false })
        }
        var choices = Dictionary(uniqueKeysWithValues: usual)
        // ASE's own energy beside the one that the user stored is the same, or of another method.
        choices[.energy] = choices[.energy]?.first.map { [$0] }
        keys = try ArrayKeys(row.arrays.keys.sorted(), usual: choices, options: options, file: path)

        let unitTexts = metadata["_property_unit_dict"]?.object ?? [:]
        var statements: [Property: SourceUnits.Statement] = [:]
        for property in keys.labels {
            guard let text = unitTexts[keys[property] ?? ""]?.string, let unit = Self.unitText(text) else { continue }
            statements[property] = SourceUnits.Statement(
                key: "_property_unit_dict.\(keys[property] ?? "")", text: unit, place: "metadata")
        }
        statements.merge(SourceUnits.statements(inNamesOf: keys.keys, except: [:], options)) { stated, _ in stated }
        var length: [Dimension: SourceUnits.Statement] = [:]
        if let text = metadata["_distance_unit"]?.string, let unit = Self.unitText(text) {
            length[.length] = SourceUnits.Statement(key: "_distance_unit", text: unit, place: "metadata")
        } else if options.sourceUnits[.length] == nil {
            length[.length] = SourceUnits.Statement(key: "positions", text: "angstrom", place: "table 'systems'")
        }
        let isCalculated = keys[.energy].map { row.calculatorKeys.contains($0) } ?? true
        units = try SourceUnits(
            statements: length, propertyStatements: statements, options: options,
            convention: isCalculated ? ("ASE convention", .electronvoltAngstrom) : nil, file: path)
        selfEnergies = try keys[.energy].flatMap { key in
            try Self.references(metadata["atomrefs"]?[key], key: key, file: path)
        }
    }

    private static let wantedColumns = [
        "id", "numbers", "positions", "cell", "pbc", "energy", "forces", "dipole", "charges", "key_value_pairs", "data",
    ]

    private static func columns(of database: SQLiteDatabase) throws -> [String] {
        let statement = try database.prepare("PRAGMA table_info(systems)")
        var names: [String] = []
        while try statement.step() {
            if case .text(let name) = statement.value(1) { names.append(name) }
        }
        return names
    }

    private static func metadata(of database: SQLiteDatabase) throws -> [String: JSONValue] {
        guard try database.hasTable("information"),
            let statement = try? database.prepare("SELECT value FROM information WHERE name = 'metadata'"),
            try statement.step(), case .text(let text) = statement.value(0)
        else { return [:] }
        do { return try JSONValue(parsing: text).object ?? [:] } catch {
            throw ApusError(.data, file: database.path, place: "metadata", problem: "this is no JSON: \(error)")
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
        do {
            guard try rows.step() else { return nil }
        } catch let error as ApusError {
            throw error.located(place: "row \(count + 1)")
        }
        count += 1
        let row = try ASERow(
            rows, columns: Self.wantedColumns.filter(columns.contains), file: path, number: count)
        var frame = SourceFrame(
            numbers: row.numbers, positions: vectors(row.positions), cell: row.cell,
            record: row.name, place: Configuration.Place(file: path, frame: count))
        for property in keys.labels {
            guard let array = row.arrays[keys[property] ?? ""] else { continue }
            let width = property.count(atoms: row.numbers.count)
            guard array.values.count == width else {
                let reason = frame.place.error(
                    "the \(property.name) '\(keys[property] ?? "")' must be \(width) numbers, but its shape is "
                        + "\(array.shape)", remedy: "correct the row, or choose another key with properties_assignment")
                guard !options.needs(property) else { throw reason }
                frame.leftOut[property] = reason
                counts[property, default: 0] += 1
                continue
            }
            frame.labels[property] = array.values
            counts[property, default: 0] += 1
        }
        return frame
    }

    var interpretation: Interpretation {
        var entries = [
            units.entry(.atomicNumbers, key: "numbers", count: count),
            units.entry(.positions, key: "positions", count: count),
        ]
        entries += keys.labels.map { units.entry($0, key: keys[$0] ?? "", count: counts[$0, default: 0]) }
        return Interpretation(
            format: "ASE database", count: count, entries: entries, unusedKeys: keys.unused(except: ["id"]))
    }
}

/// A row of the table `systems`.
private struct ASERow {
    var numbers: [Int] = []
    var positions: [Double] = []
    var cell: SourceFrame.Cell?
    /// The numbers under each key, from the column `data`, the key-value pairs and the calculator, in this order.
    var arrays: [String: ASEData.Array] = [:]
    /// The keys that come from the calculator.
    var calculatorKeys: Set<String> = []
    /// The name of the molecule.
    var name: String?

    init(_ statement: SQLiteStatement, columns: [String], file: String, number: Int) throws {
        let place = Configuration.Place(file: file, frame: number)
        func failure(_ column: String, _ problem: String) -> ApusError {
            place.error("the column '\(column)' \(problem)", remedy: "the database is damaged")
        }
        func doubles(_ bytes: [UInt8], _ column: String) throws -> [Double] {
            guard bytes.count % 8 == 0 else { throw failure(column, "has \(bytes.count) bytes, no multiple of 8") }
            return bytes.withUnsafeBytes { buffer in
                (0..<bytes.count / 8).map { buffer.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
            }
        }
        var lattice: [Double] = []
        var pbc = 0
        var calculated: [String: ASEData.Array] = [:]
        var pairs: [String: JSONValue] = [:]
        var data: ASEData?
        for (index, column) in columns.enumerated() {
            switch (column, statement.value(index)) {
            case ("numbers", .blob(let bytes)):
                guard bytes.count % 4 == 0 else { throw failure(column, "has \(bytes.count) bytes, no multiple of 4") }
                numbers = bytes.withUnsafeBytes { buffer in
                    (0..<bytes.count / 4).map { Int(buffer.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
                }
            case ("positions", .blob(let bytes)): positions = try doubles(bytes, column)
            case ("cell", .blob(let bytes)): lattice = try doubles(bytes, column)
            case ("pbc", .integer(let mask)): pbc = mask
            case ("energy", .real(let value)): calculated[column] = ASEData.Array(shape: [], values: [value])
            case ("forces", .blob(let bytes)), ("dipole", .blob(let bytes)), ("charges", .blob(let bytes)):
                let values = try doubles(bytes, column)
                calculated[column] = ASEData.Array(shape: [values.count], values: values)
            case ("key_value_pairs", .text(let text)):
                do { pairs = try JSONValue(parsing: text).object ?? [:] } catch {
                    throw failure(column, "is no JSON: \(error)")
                }
            case ("data", .blob(let bytes)):
                do { data = try ASEData(bytes: bytes) } catch { throw failure(column, "is damaged: \(error.problem)") }
            case ("data", .text(let text)):
                do { data = try ASEData(text: text) } catch { throw failure(column, "is damaged: \(error.problem)") }
            default: break
            }
        }
        guard !numbers.isEmpty else { throw failure("numbers", "names no atom") }
        guard positions.count == 3 * numbers.count else {
            throw failure("positions", "has \(positions.count) numbers for \(numbers.count) atoms")
        }
        if lattice.count == 9, lattice.contains(where: { $0 != 0 }) {
            cell = SourceFrame.Cell(
                vectors: vectors(lattice), isPeriodicAlong: (0..<3).map { pbc >> $0 & 1 == 1 })
        }
        name = pairs["name"]?.string
        arrays = calculated
        calculatorKeys = Set(calculated.keys)
        for (key, value) in pairs {
            guard let number = value.real else { continue }
            arrays[key] = ASEData.Array(shape: [], values: [number])
            calculatorKeys.remove(key)
        }
        for (key, array) in data?.arrays ?? [:] {
            arrays[key] = array
            calculatorKeys.remove(key)
        }
    }
}
