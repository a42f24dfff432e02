import ApusFiles
import CSQLite

/// A database file of SQLite (https://sqlite.org/fileformat.html).
public final class SQLiteDatabase {
    /// The file as the user named it.
    public let path: String
    let handle: OpaquePointer
    /// What one step of a statement may cost; nil where the file is our own.
    var budget: SQLiteBudget?

    /// Fills a new file, which is complete when the last transaction is.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public convenience init(creating file: PendingFile) throws {
        try self.init(file.path, openedAs: file.temporary, flags: SQLITE_OPEN_READWRITE)
        // The file has no name before it is complete and on disk, so that no journal is needed to undo a part.
        try run("PRAGMA journal_mode = OFF")
        try run("PRAGMA synchronous = OFF")
    }

    init(_ path: String, openedAs name: String, flags: Int32) throws {
        var handle: OpaquePointer?
        let status = sqlite3_open_v2(name, &handle, flags, nil)
        guard status == SQLITE_OK, let handle else {
            sqlite3_close(handle)
            throw ApusError(
                .io, file: path, problem: "the database cannot be opened (\(String(cString: sqlite3_errstr(status))))")
        }
        self.path = path
        self.handle = handle
    }

    deinit { sqlite3_close(handle) }

    /// Whether the first bytes of a file are those of SQLite.
    public static func isSQLite(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "SQLite format 3\0".utf8)
    }

    /// Runs a statement without results.
    ///
    /// - Throws: ``ApusError`` with the text of the library.
    public func run(_ sql: String) throws {
        let statement = try prepare(sql)
        while try statement.step() {}
    }

    /// Prepares a statement.
    ///
    /// - Throws: ``ApusError`` with the text of the library.
    public func prepare(_ sql: String) throws -> SQLiteStatement {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw failure }
        return SQLiteStatement(statement, database: self)
    }

    fileprivate var failure: ApusError {
        if let (problem, remedy) = budget?.explanation(of: sqlite3_errcode(handle)) {
            return ApusError(.data, file: path, problem: problem, remedy: remedy)
        }
        let isFull = [SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY].contains(sqlite3_errcode(handle))
        return ApusError(
            isFull ? .io : .data, file: path,
            problem: "SQLite says: \(String(cString: sqlite3_errmsg(handle)))",
            remedy: isFull
                ? "free some space, or choose another folder" : "the file is damaged or not what its name says")
    }
}

/// A prepared statement: values are bound, then rows are stepped through.
public final class SQLiteStatement {
    /// A value of a row, or one that is bound.
    public enum Value: Sendable, Equatable {
        /// NULL.
        case null
        /// A whole number.
        case integer(Int)
        /// A floating-point number.
        case real(Double)
        /// Text.
        case text(String)
        /// Bytes.
        case blob([UInt8])
    }

    private let handle: OpaquePointer
    private let database: SQLiteDatabase
    /// Whether the last row is behind; the library would begin again.
    private var isDone = false

    fileprivate init(_ handle: OpaquePointer, database: SQLiteDatabase) {
        (self.handle, self.database) = (handle, database)
    }

    deinit { sqlite3_finalize(handle) }

    /// Goes to the next row; false after the last.
    ///
    /// - Throws: ``ApusError`` with the text of the library.
    public func step() throws -> Bool {
        guard !isDone else { return false }
        database.budget?.renew()
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            isDone = true
            return false
        default: throw database.failure
        }
    }

    /// The value of a column of the present row, from 0.
    public func value(_ column: Int) -> Value {
        let column = Int32(column)
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(Int(sqlite3_column_int64(handle, column)))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            return .text(String(decoding: bytes(sqlite3_column_text(handle, column), column), as: UTF8.self))
        case SQLITE_BLOB: return .blob(Array(bytes(sqlite3_column_blob(handle, column), column)))
        default: return .null
        }
    }

    /// Binds values to the places `?` of the statement and runs it.
    ///
    /// - Throws: ``ApusError`` with the text of the library.
    public func run(_ values: [Value]) throws {
        sqlite3_reset(handle)
        isDone = false
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            let status =
                switch value {
                case .null: sqlite3_bind_null(handle, place)
                case .integer(let value): sqlite3_bind_int64(handle, place, Int64(value))
                case .real(let value): sqlite3_bind_double(handle, place, value)
                case .text(let value): apus_sqlite_bind_text(handle, place, value, Int32(value.utf8.count))
                case .blob(let value):
                    value.isEmpty
                        ? sqlite3_bind_zeroblob(handle, place, 0)
                        : apus_sqlite_bind_blob(handle, place, value, Int32(value.count))
                }
            guard status == SQLITE_OK else { throw database.failure }
        }
        while try step() {}
    }

    private func bytes(_ start: UnsafeRawPointer?, _ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }
}
