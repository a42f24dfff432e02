import ApusTestSupport
import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite struct FileTests {
    @Test(arguments: [0, 1, 65536, 200_001])
    func writtenFilesReadBack(count: Int) throws {
        try withTemporaryFolder { folder in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try writeFileAtomically(path: "\(folder)/a", bytes: bytes)
            #expect(try readFile(path: "\(folder)/a") == bytes)
            #expect(names(in: folder) == ["a"])
        }
    }

    @Test func replacingKeepsPermissionsAndLinks() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(path: "\(folder)/a", bytes: [1])
            chmod("\(folder)/a", 0o640)
            symlink("a", "\(folder)/link")
            try writeFileAtomically(path: "\(folder)/link", bytes: [2])
            #expect(try readFile(path: "\(folder)/a") == [2])
            var status = stat()
            #expect(lstat("\(folder)/a", &status) == 0 && status.st_mode & 0o777 == 0o640)
            #expect(lstat("\(folder)/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        }
    }

    @Test func missingFile() {
        let error = apusError { _ = try readFile(path: "/no/such/file") }
        #expect(error?.kind == .missingInput)
        #expect(error?.description == "/no/such/file: there is no such file; check the path.")
    }

    @Test func folderInsteadOfFile() {
        let error = apusError { _ = try readFile(path: "/tmp") }
        #expect(error?.kind == .missingInput)
        #expect(error?.problem == "this is a folder")
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
    func unreadableFile() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(path: "\(folder)/a", bytes: [1])
            chmod("\(folder)/a", 0)
            #expect(apusError { _ = try readFile(path: "\(folder)/a") }?.kind == .missingInput)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
    func unwritableFolder() throws {
        try withTemporaryFolder { folder in
            chmod(folder, 0o500)
            defer { chmod(folder, 0o700) }
            let error = apusError { try writeFileAtomically(path: "\(folder)/a", bytes: [1]) }
            #expect(error?.kind == .io)
            #expect(error?.remedy == "choose a folder that you may write to")
        }
    }

    @Test func missingFolder() throws {
        try withTemporaryFolder { folder in
            let error = apusError { try writeFileAtomically(path: "\(folder)/no/a", bytes: [1]) }
            #expect(error?.kind == .io)
            #expect(error?.description.contains("No such file or directory") == true)
            #expect(error?.remedy == "create the folder first")
        }
    }

    @Test func folderAndDeviceAreNotReplaced() throws {
        try withTemporaryFolder { folder in
            #expect(
                apusError { try writeFileAtomically(path: folder, bytes: [1]) }?.problem
                    == "this is not an ordinary file")
            #expect(apusError { try writeFileAtomically(path: "/dev/null", bytes: [1]) }?.kind == .io)
            #expect(names(in: folder) == [])
        }
    }

    #if os(Linux)
    @Test func fullDisk() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let error = apusError { try write([1, 2, 3], to: descriptor, path: "out") }
        #expect(
            error?.description
                == "out: the file cannot be written (No space left on device); free some space, or choose another folder."
        )
    }
    #endif
}
