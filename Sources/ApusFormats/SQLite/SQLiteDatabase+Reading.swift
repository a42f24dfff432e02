import ApusFiles
import CSQLite

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension SQLiteDatabase {
    /// Opens a file for reading, as one that may have been made to do harm.
    ///
    /// Nothing of the file is run: no view, trigger, virtual table or extension. The length of a value, the size of a
    /// statement and the work of a step have limits (https://sqlite.org/security.html).
    ///
    /// - Throws: ``ApusError`` when it does not exist or is no database.
    public convenience init(reading path: String) throws {
        let file = try InputFile(path: path)
        try self.init(path, openedAs: try Self.uri(of: path, file), flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_ENABLE_VIEW, 0),
            (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ] {
            _ = apus_sqlite_configure(handle, Int32(option), Int32(value))
        }
        for (limit, value) in [
            (SQLITE_LIMIT_LENGTH, Self.longestValue), (SQLITE_LIMIT_SQL_LENGTH, 100_000), (SQLITE_LIMIT_COLUMN, 200),
            (SQLITE_LIMIT_EXPR_DEPTH, 20), (SQLITE_LIMIT_COMPOUND_SELECT, 2), (SQLITE_LIMIT_VDBE_OP, 10_000),
            (SQLITE_LIMIT_FUNCTION_ARG, 8), (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_TRIGGER_DEPTH, 1),
            (SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            sqlite3_limit(handle, limit, Int32(value))
        }
        // A sort may have to look at every row, and no row is shorter than a byte.
        let budget = SQLiteBudget(operations: 20_000_000 + file.count)
        sqlite3_progress_handler(
            handle, Int32(SQLiteBudget.interval),
            { Unmanaged<SQLiteBudget>.fromOpaque($0!).takeUnretainedValue().spend() },
            Unmanaged.passUnretained(budget).toOpaque())
        self.budget = budget
        // A damaged file must not lead to reads outside of a page, and a truncated one not to a signal.
        try run("PRAGMA cell_size_check = ON")
        try run("PRAGMA mmap_size = 0")
    }

    /// The longest text or blob that is read, in bytes: 4 million atoms have that many positions.
    static let longestValue = 100_000_000

    /// Makes sure that a name is that of a table: a view or a virtual table would run what the file says.
    ///
    /// - Returns: Whether there is anything of this name.
    /// - Throws: ``ApusError`` when it is no table.
    public func hasTable(_ name: String) throws -> Bool {
        let schema = try prepare("SELECT type, rootpage FROM sqlite_master WHERE lower(name) = '\(name)'")
        guard try schema.step() else { return false }
        // A virtual table has no page of its own.
        if schema.value(0) == .text("table"), case .integer(let page) = schema.value(1), page > 0 { return true }
        var kind = "virtual table"
        if case .text(let type) = schema.value(0), type != "table" { kind = type }
        throw ApusError(
            .data, file: path, problem: "'\(name)' is a \(kind), which is not read, since it runs what the file says",
            remedy: "copy its rows into a table of this name")
    }

    /// The address of a file for the library. A log beside a database belongs to it: the library then opens both;
    /// otherwise nothing is created beside the file.
    private static func uri(of path: String, _ file: InputFile) throws -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        let digits = Array("0123456789abcdef")
        let encoded = path.utf8.map { byte in
            plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
        // Bytes 18 and 19 are 2 where a log is written ahead.
        let logsAhead = try file.bytes(18..<20).contains(2)
        var status = stat()
        let hasLog = stat(path + "-wal", &status) == 0 && status.st_size > 0
        let isImmutable = logsAhead && !hasLog
        return "file:\(path.hasPrefix("/") ? "//" : "")\(encoded)?mode=ro\(isImmutable ? "&immutable=1" : "")"
    }
}

/// The operations of SQLite's machine that one step may still take.
final class SQLiteBudget {
    /// After so many operations the library asks.
    static let interval = 1000
    private let operations: Int
    private var left = 0

    init(operations: Int) { self.operations = operations }

    /// Starts a step.
    func renew() { left = operations }

    /// 1, which interrupts the library, when nothing is left.
    func spend() -> Int32 {
        left -= Self.interval
        return left < 0 ? 1 : 0
    }

    /// What an error of the library means for a file that is only read; nil for damage.
    func explanation(of code: Int32) -> (problem: String, remedy: String)? {
        let megabytes = SQLiteDatabase.longestValue / 1_000_000
        let usual = "name a database as ASE writes it"
        return switch code {
        case SQLITE_TOOBIG: ("a value has more than \(megabytes) MB, or a definition is too long", usual)
        case SQLITE_INTERRUPT: ("a row takes more than \(operations / 1_000_000) million operations", usual)
        case SQLITE_READONLY:
            (
                "a change of this database was not finished (a '-journal' lies beside it)",
                "open it once with the program that wrote it, or with sqlite3"
            )
        default: nil
        }
    }
}
