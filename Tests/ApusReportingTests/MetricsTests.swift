import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusReporting

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

private let table = MetricsTable([
    .init(
        split: "test", property: "per_atom_force", unit: "eV/Å", mae: 0.0123, rmse: 0.02, maximum: 0.11,
        baseline: 0.9, count: 5400),
    .init(
        split: "validation", property: "energy", unit: "eV", mae: 12.5, rmse: .nan, maximum: 30, count: 100),
])

@Suite struct MetricsTableTests {
    @Test func text() {
        #expect(
            table.text == """
                split       property        unit      MAE     RMSE     max  baseline  values
                test        per_atom_force  eV/Å  0.01230  0.02000  0.1100    0.9000    5400
                validation  energy          eV      12.50      nan   30.00         -     100
                """)
    }

    @Test func theBaselineIsLeftOutWhenUnknown() {
        let table = MetricsTable([table.rows[1]])
        #expect(table.text.hasPrefix("split       property  unit    MAE  RMSE    max  values\n"))
        #expect(MetricsTable([]).text == "split  property  unit  MAE  RMSE  max  values")
    }

    @Test func json() throws {
        let rows = try #require(JSONValue(parsing: table.json.description).array)
        #expect(rows.count == 2)
        #expect(rows[0]["mae"]?.real == 0.0123 && rows[0]["unit"]?.string == "eV/Å")
        #expect(rows[0]["baseline"]?.real == 0.9 && rows[0]["count"]?.integer == 5400)
        #expect(rows[1]["rmse"] == .null && rows[1]["baseline"] == .null)
    }
}

@Suite struct MetricsWriterTests {
    private let folder: TemporaryFolder
    private let columns = [MetricsWriter.Column("loss"), .init("val/rmse", unit: "eV/Å"), .init("a,\"b\"")]
    private let header = "epoch,loss,val/rmse [eV/Å],\"a,\"\"b\"\"\"\n"

    init() throws { folder = try TemporaryFolder() }

    private func content(_ name: String) throws -> String {
        String(decoding: try readFile(path: folder.path + "/" + name), as: UTF8.self)
    }

    @Test func aLinePerEpoch() throws {
        let writer = try MetricsWriter(folder: folder.path, columns: columns)
        #expect(try content("metrics.csv") == header)
        try writer.append(epoch: 1, [ReportedValue("val/rmse", 0.1, unit: "eV/Å"), ReportedValue("loss", 1.0 / 3)])
        try writer.append(epoch: 2, [ReportedValue("loss", 12), ReportedValue("a,\"b\"", .nan)])
        #expect(try content("metrics.csv") == header + "1,0.3333333333333333,0.1,\n2,12,,nan\n")
    }

    /// The members stand in the order of the columns, not in that of the values.
    @Test func anObjectPerEpoch() throws {
        let writer = try MetricsWriter(folder: folder.path, columns: columns)
        #expect(try content("metrics.jsonl") == "")
        try writer.append(epoch: 1, [ReportedValue("val/rmse", 0.1, unit: "eV/Å"), ReportedValue("loss", 1.0 / 3)])
        try writer.append(epoch: 2, [ReportedValue("loss", 12), ReportedValue("a,\"b\"", .nan)])
        #expect(
            try content("metrics.jsonl") == """
                {"epoch":1,"loss":0.3333333333333333,"val/rmse [eV/Å]":0.1}
                {"epoch":2,"loss":12.0,"a,\\"b\\"":null}

                """)
    }

    @Test func aNewRunStartsAnew() throws {
        try MetricsWriter(folder: folder.path, columns: columns).append(epoch: 1, [])
        _ = try MetricsWriter(folder: folder.path, columns: columns)
        #expect(try content("metrics.csv") == header && content("metrics.jsonl") == "")
    }

    @Test func aResumedRunKeepsItsEpochs() throws {
        let first = try MetricsWriter(folder: folder.path, columns: columns)
        for epoch in 1...3 { try first.append(epoch: epoch, [ReportedValue("loss", Double(epoch))]) }
        let cut = header + "1,1,,\n2,2,,\n3,3,,\n4,0."
        try writeFileAtomically(path: first.csvPath, bytes: Array(cut.utf8))
        try appendToFile(path: first.linesPath, bytes: Array("{\"epoch\":1,\"lo".utf8))
        let second = try MetricsWriter(folder: folder.path, columns: columns, keepingEpochs: 2)
        try second.append(epoch: 3, [ReportedValue("loss", 9)])
        #expect(try content("metrics.csv") == header + "1,1,,\n2,2,,\n3,9,,\n")
        let objects = [(1, 1), (2, 2), (3, 9)].map { "{\"epoch\":\($0),\"loss\":\($1).0}\n" }
        #expect(try content("metrics.jsonl") == objects.joined())
    }

    /// A run goes on from its checkpoint; tables of other columns, empty ones and none at all are no reason not to.
    @Test func tablesFollowTheColumnsOfTheRun() throws {
        let first = try MetricsWriter(folder: folder.path, columns: columns)
        try first.append(epoch: 1, [ReportedValue("loss", 7)])
        let second = try MetricsWriter(folder: folder.path, columns: [.init("other"), .init("loss")], keepingEpochs: 1)
        #expect(try content("metrics.csv") == "epoch,other,loss\n1,,7\n")
        #expect(second.notices.isEmpty)
        try writeFileAtomically(path: first.csvPath, bytes: [])
        try removeFile(first.linesPath)
        let third = try MetricsWriter(folder: folder.path, columns: [.init("loss")], keepingEpochs: 1)
        try third.append(epoch: 2, [ReportedValue("loss", 8)])
        #expect(try content("metrics.csv") == "epoch,loss\n2,8\n")
        #expect(try content("metrics.jsonl") == "{\"epoch\":2,\"loss\":8.0}\n")
        #expect(third.notices.count == 2 && third.notices[0].contains("has 0 of the 1 epochs so far"))
    }

    @Test func results() throws {
        let writer = try MetricsWriter(folder: folder.path, columns: columns)
        try writer.writeResults(table, run: [ReportedValue("time", 12.5, unit: "s"), ReportedValue("bad", .infinity)])
        let json = try JSONValue(parsing: try content("metrics.json"))
        #expect(json["results"] == table.json)
        #expect(json["run"]?["time"] == .object(["value": .real(12.5), "unit": .string("s")]))
        #expect(json["run"]?["bad"]?["value"] == .null)
    }

    @Test func unwritableFolders() throws {
        #expect {
            try MetricsWriter(folder: folder.path + "/missing", columns: columns)
        } throws: {
            ($0 as? ApusError)?.kind == .io && "\($0)".contains("/missing/metrics.csv: ")
        }
        let writer = try MetricsWriter(folder: folder.path, columns: columns)
        unlink(writer.csvPath)
        unlink(writer.linesPath)
        rmdir(folder.path)
        #expect {
            try writer.append(epoch: 1, [])
        } throws: {
            ($0 as? ApusError)?.kind == .io && "\($0)".contains("/metrics.csv: the file cannot be written (")
        }
    }

    #if os(Linux)
    @Test func fullDisks() throws {
        let writer = try MetricsWriter(folder: folder.path, columns: columns)
        unlink(writer.linesPath)
        symlink("/dev/full", writer.linesPath)
        #expect {
            try writer.append(epoch: 1, [])
        } throws: {
            ($0 as? ApusError)?.kind == .io
                && "\($0)".contains("/metrics.jsonl: the file cannot be written (No space left on device); free")
        }
    }
    #endif
}
