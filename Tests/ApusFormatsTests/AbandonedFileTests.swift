import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

/// Writers that are given up leave what stood at the path.
@Suite struct AbandonedFileTests {
    @Test(arguments: ["xyz", "npz", "hdf5", "db"])
    func whatIsAbandonedLeavesTheOldContent(format: String) throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a"
            try writeFileAtomically(path: path, bytes: [1])
            switch format {
            case "xyz":
                let bad = ExtendedXYZ.Frame(
                    atomCount: 1, columns: [.init(name: "a:b", width: 1, values: .real([1]))], info: [])
                #expect(apusError { try ExtendedXYZ.write([bad], to: path) }?.kind == .data)
            case "npz":
                _ = NumpyArchiveWriter()
            case "hdf5":
                try HDF5Writer(path).write("x", [1.0], shape: [1])
            default:
                let database = try SQLiteDatabase(creating: try PendingFile(path))
                try database.run("CREATE TABLE t (a)")
            }
            #expect(try readFile(path: path) == [1])
            #expect(names(in: folder) == ["a"])
        }
    }
}
