import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

@Suite struct SQLiteTests {
    @Test func whatIsWrittenReadsBack() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.db"
            let values: [SQLiteStatement.Value] = [.integer(-3), .real(0.1), .text("é\""), .blob([0, 1, 255]), .null]
            do {
                let file = try PendingFile(path)
                let database = try SQLiteDatabase(creating: file)
                try database.run("CREATE TABLE t (a, b, c, d, e)")
                let insert = try database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)")
                try insert.run(values)
                try insert.run([.blob([]), .text(""), .null, .integer(.max), .real(.infinity)])
                #expect(!fileExists(path))
                try file.commit()
            }
            #expect(SQLiteDatabase.isSQLite(try readFile(path: path)))
            let rows = try SQLiteDatabase(reading: path).prepare("SELECT * FROM t")
            #expect(try rows.step())
            #expect((0..<5).map(rows.value) == values)
            #expect(try rows.step())
            #expect(rows.value(0) == .blob([]))
            #expect(rows.value(3) == .integer(.max))
            // Also when it is asked again.
            #expect(try !rows.step() && !rows.step())
        }
    }

    @Test func mistakes() throws {
        #expect(apusError { _ = try SQLiteDatabase(reading: "/nowhere.db") }?.kind == .missingInput)
        let error = apusError {
            let database = try SQLiteDatabase(reading: fileFixture("ase.extxyz"))
            _ = try database.prepare("SELECT * FROM systems").step()
        }
        #expect(error?.kind == .data)
        #expect(error?.problem == "SQLite says: file is not a database")
    }
}
