import ApusFiles
import ApusFormats
import ApusSystem

/// The rows of an SQLite database of ASE.
final class ASEDatabaseRows: ASERows {
    let format = "ASE database"
    let metadata: [String: JSONValue]
    private let path: String
    private let database: SQLiteDatabase
    private let rows: SQLiteStatement
    private let columns: [String]
    private var count = 0

    private static let wanted = [
        "id", "numbers", "positions", "cell", "pbc", "constraints", "energy", "forces", "stress", "dipole",
        "charges",
        "key_value_pairs", "data",
    ]

    init(path: String) throws {
        self.path = path
        database = try SQLiteDatabase(reading: path)
        let names = try database.hasTable("systems") ? Self.columns(of: database) : []
        for name in ["id", "numbers", "positions"] where !names.contains(name) {
            throw ApusError(
                .data, file: path, problem: "this database has no table 'systems' with '\(name)', as ASE writes it",
                remedy: "name a database of ASE")
        }
        columns = Self.wanted.filter(names.contains)
        let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        rows = try database.prepare("SELECT \(list) FROM systems ORDER BY id")
        metadata = try Self.metadata(of: database)
    }

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

    func next() throws -> ASERow? {
        do {
            guard try rows.step() else { return nil }
        } catch let error as ApusError {
            throw error.located(place: "row \(count + 1)")
        }
        count += 1
        return try row(ASERow("column", Configuration.Place(file: path, frame: count)))
    }

    private func row(_ empty: ASERow) throws -> ASERow {
        var row = empty
        func doubles(_ bytes: [UInt8], _ column: String) throws -> [Double] {
            guard bytes.count % 8 == 0 else { throw row.failure(column, "has \(bytes.count) bytes, no multiple of 8") }
            return ASEData.elements(bytes[...], "float64", width: 8)
        }
        var pairs: [String: JSONValue] = [:]
        var data: ASEData?
        for (index, column) in columns.enumerated() {
            switch (column, rows.value(index)) {
            case ("numbers", .blob(let bytes)):
                guard bytes.count % 4 == 0 else {
                    throw row.failure(column, "has \(bytes.count) bytes, no multiple of 4")
                }
                row.numbers = ASEData.elements(bytes[...], "int32", width: 4).map { Int(saturating: $0) }
            case ("positions", .blob(let bytes)): row.positions = try doubles(bytes, column)
            case ("cell", .blob(let bytes)): row.lattice = try doubles(bytes, column)
            case ("pbc", .integer(let mask)): row.isPeriodicAlong = (0..<3).map { mask >> $0 & 1 == 1 }
            case ("constraints", .text(let text)): row.constraints = .string(text)
            case ("energy", .real(let value)): row.addResult(column, ASEData.Array(shape: [], values: [value]))
            case ("forces", .blob(let bytes)), ("stress", .blob(let bytes)), ("dipole", .blob(let bytes)),
                ("charges", .blob(let bytes)):
                let values = try doubles(bytes, column)
                row.addResult(column, ASEData.Array(shape: [values.count], values: values))
            case ("key_value_pairs", .text(let text)):
                do { pairs = try JSONValue(parsing: text).object ?? [:] } catch {
                    throw row.failure(column, "is no JSON: \(error)")
                }
            case ("data", .blob(let bytes)):
                do { data = try ASEData(bytes: bytes) } catch {
                    throw row.failure(column, "is damaged: \(error.problem)")
                }
            case ("data", .text(let text)):
                do { data = try ASEData(text: text) } catch {
                    throw row.failure(column, "is damaged: \(error.problem)")
                }
            default: break
            }
        }
        row.name = pairs["name"]?.string
        for (key, value) in pairs {
            if let number = value.real { row.add(key, ASEData.Array(shape: [], values: [number])) }
        }
        for (key, array) in data?.arrays ?? [:] { row.add(key, array) }
        return row
    }
}
